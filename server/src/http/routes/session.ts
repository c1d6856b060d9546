import { apiErrorSchema, type SessionView, sessionSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import type { Access, Grant } from "../../access/access.js";
import { setCookie } from "../../access/sessionCookie.js";
import { sendError } from "../apiErrors.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

const loginSchema = z.strictObject({ password: z.string().min(1).max(1_024) });

/** `GET`, `POST` and `DELETE /api/session`: who one is, logging in and out. */
export const sessionRoutes: Route = (app, { access }) => {
  app.get(
    "/api/session",
    {
      schema: {
        summary: "Whether a login is needed here, and the role one has",
        querystring: noQuery,
        response: { 200: sessionSchema, 400: apiErrorSchema },
      },
    },
    (request) => view(access, request.grant),
  );
  app.post<{ Body: z.infer<typeof loginSchema> }>(
    "/api/session",
    {
      schema: {
        summary: "Logs in by the password, or by an API token in its place; the answer sets a cookie",
        querystring: noQuery,
        body: loginSchema,
        response: { 200: sessionSchema, 400: apiErrorSchema, 401: apiErrorSchema, 429: apiErrorSchema },
      },
    },
    async (request, reply) => {
      if (!access.needed) return view(access, request.grant);
      const login = await access.login(request.body.password, request.ip);
      if (login === "wrong")
        return sendError(reply, 401, { error: "wrongPassword", message: `that is not the ${access.asks}` });
      if ("waitMs" in login) {
        const waitS = Math.ceil(login.waitMs / 1_000);
        reply.header("retry-after", waitS);
        return sendError(reply, 429, {
          error: "tooManyTries",
          message: `too many wrong tries; try again in ${waitS} s`,
        });
      }
      // A token that was there before the login is worth nothing after it.
      if (request.grant?.session) access.logout(request.grant.session);
      reply.header("set-cookie", setCookie(login.token, request.headers, request.protocol === "https"));
      return view(access, login.grant);
    },
  );
  app.delete(
    "/api/session",
    {
      schema: {
        summary: "Logs out; open live connections of the session end",
        querystring: noQuery,
        response: { 200: sessionSchema, 400: apiErrorSchema },
      },
    },
    (request, reply) => {
      if (!access.needed) return view(access, request.grant);
      if (request.grant?.session) access.logout(request.grant.session);
      reply.header("set-cookie", setCookie("", request.headers, request.protocol === "https"));
      return view(access, null);
    },
  );
};

const view = ({ needed, asks }: Access, grant: Grant | null): SessionView => ({
  needed,
  asks,
  role: grant?.role ?? null,
});
