import { apiErrorSchema, type SessionView, sessionSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import type { Access } from "../../access/access.js";
import type { Grant } from "../../access/grant.js";
import { cameEncrypted, setCookie } from "../../access/sessionCookie.js";
import { sendError } from "../apiErrors.js";
import type { Route } from "../apiParts.js";
import { noQuery } from "../query.js";

const loginSchema = z.strictObject({
  /** Without one, or as `admin`, it is the password of the config. */
  name: z.string().max(64).optional(),
  password: z.string().min(1).max(1_024),
});

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
        summary:
          "Logs in by name and password, or by an API token as the password alone; the answer sets a cookie",
        querystring: noQuery,
        body: loginSchema,
        response: { 200: sessionSchema, 400: apiErrorSchema, 401: apiErrorSchema, 429: apiErrorSchema },
      },
    },
    async (request, reply) => {
      if (!access.needed) return view(access, request.grant);
      const { headers, ip } = request;
      const secure = cameEncrypted(request);
      const login = await access.login({ ...request.body, address: ip, secure });
      if ("wrong" in login) {
        await access.audit.note({
          who: login.known ?? "",
          by: "user",
          address: ip,
          action: "login",
          // What is no user's name may be a password in the wrong field.
          object: login.known ?? "",
          result: "refused",
        });
        const what = access.names
          ? "these are no name and password of a user"
          : `that is not the ${access.asks}`;
        return sendError(reply, 401, { error: "wrongPassword", message: what });
      }
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
      const { who, by, role } = login.grant;
      await access.audit.note({ who, by, address: ip, action: "login", object: who, after: { role } });
      reply.header("set-cookie", setCookie(login.token, headers, secure));
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
    async (request, reply) => {
      if (!access.needed) return view(access, request.grant);
      if (request.grant?.session) {
        const { session, who, by } = request.grant;
        access.logout(session);
        await access.audit.note({ who, by, address: request.ip, action: "logout", object: who });
      }
      const secure = request.grant?.session?.secure === true || cameEncrypted(request);
      reply.header("set-cookie", setCookie("", request.headers, secure));
      return view(access, null);
    },
  );
};

const view = ({ needed, asks, names }: Access, grant: Grant | null): SessionView => ({
  needed,
  asks,
  names,
  role: grant?.role ?? null,
  name: grant?.who || null,
});
