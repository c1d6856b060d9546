import {
  auditPageSchema,
  madeTokenSchema,
  SCOPES,
  tokenViewSchema,
  type UserView,
  userViewSchema,
} from "@hashwatt/protocol/access";
import { apiErrorSchema } from "@hashwatt/protocol/http";
import { z } from "zod";
import { ROLES } from "../../access/role.js";
import type { Route } from "../apiParts.js";
import { instant, noQuery, whole } from "../query.js";

const MAX_DAYS = 3_650;
const PAGE = 100;
const MAX_PAGE = 1_000;

const nameParams = z.object({ name: z.string().max(64) });
const idParams = z.object({ id: z.string().max(64) });
const password = z.string().min(1).max(1_024);
const newUser = z.strictObject({ name: z.string().max(64), role: z.enum(ROLES), password });
const userChange = z
  .strictObject({ role: z.enum(ROLES).optional(), password: password.optional() })
  .refine((change) => Object.keys(change).length > 0, "must change the role or the password");
const newToken = z.strictObject({
  name: z.string().max(64),
  scope: z.enum(SCOPES),
  days: z.int().min(1).max(MAX_DAYS).default(365),
});
const refused = { 400: apiErrorSchema, 403: apiErrorSchema };
const missing = { ...refused, 404: apiErrorSchema };

/** `/api/users` and `/api/tokens`: who may get in; `GET /api/audit`: what was done. All for admins. */
export const accessRoutes: Route = (app, { access }) => {
  const userOf = (name: string): UserView | undefined => access.users().find((user) => user.name === name);

  app.get(
    "/api/users",
    {
      schema: {
        summary: "Users with their roles; who logs in by http.password is none of them",
        querystring: noQuery,
        response: { 200: z.array(userViewSchema), ...refused },
      },
    },
    () => access.users(),
  );
  app.post<{ Body: z.infer<typeof newUser> }>(
    "/api/users",
    {
      schema: {
        summary:
          "Adds a user; the first one of a server that asked nobody must be an admin, and from then on it asks",
        querystring: noQuery,
        body: newUser,
        response: { 201: userViewSchema, ...refused },
      },
    },
    async (request, reply) => {
      const { name, role, password } = request.body;
      request.deed = { action: "user.add", object: name, after: { role } };
      return reply.status(201).send(await access.addUser(name, role, password));
    },
  );
  app.patch<{ Params: z.infer<typeof nameParams>; Body: z.infer<typeof userChange> }>(
    "/api/users/:name",
    {
      schema: {
        summary: "Gives a user another role or password; sessions and open live connections of the user end",
        params: nameParams,
        querystring: noQuery,
        body: userChange,
        response: { 200: userViewSchema, ...missing },
      },
    },
    (request) => {
      const { name } = request.params;
      const { role, password } = request.body;
      const before = userOf(name);
      request.deed = {
        action: role === undefined ? "user.password" : "user.role",
        object: name,
        ...(before && { before: { role: before.role } }),
        after: {
          ...(role !== undefined && { role }),
          ...(password !== undefined && { password: "changed" }),
        },
      };
      return access.setUser(name, {
        ...(role !== undefined && { role }),
        ...(password !== undefined && { password }),
      });
    },
  );
  app.delete<{ Params: z.infer<typeof nameParams> }>(
    "/api/users/:name",
    {
      schema: {
        summary:
          "Removes a user; sessions and open live connections of the user end. Answers with those who are left",
        params: nameParams,
        querystring: noQuery,
        response: { 200: z.array(userViewSchema), ...missing },
      },
    },
    async (request) => {
      const { name } = request.params;
      const before = userOf(name);
      request.deed = {
        action: "user.remove",
        object: name,
        ...(before && { before: { role: before.role } }),
      };
      await access.removeUser(name);
      return access.users();
    },
  );

  app.get(
    "/api/tokens",
    {
      schema: {
        summary:
          "API tokens, never their texts: scope, end, last use; those that ended up to 30 days ago too",
        querystring: noQuery,
        response: { 200: z.array(tokenViewSchema), ...refused },
      },
    },
    () => access.tokens(),
  );
  app.post<{ Body: z.infer<typeof newToken> }>(
    "/api/tokens",
    {
      schema: {
        summary: "Makes an API token for so many days; its text is told in this answer and never again",
        querystring: noQuery,
        body: newToken,
        response: { 201: madeTokenSchema, ...refused },
      },
    },
    async (request, reply) => {
      const { name, scope, days } = request.body;
      request.deed = { action: "token.create", object: name, after: { scope, days } };
      const by = request.grant?.who ?? "";
      return reply.status(201).send(await access.createToken(name, scope, days, by));
    },
  );
  app.delete<{ Params: z.infer<typeof idParams> }>(
    "/api/tokens/:id",
    {
      schema: {
        summary: "Revokes an API token by its id or name; its open live connections end",
        params: idParams,
        querystring: noQuery,
        response: { 200: tokenViewSchema, ...missing },
      },
    },
    async (request) => {
      request.deed = { action: "token.revoke", object: request.params.id };
      const token = await access.revokeToken(request.params.id);
      request.deed = { action: "token.revoke", object: token.name, before: { scope: token.scope } };
      return token;
    },
  );

  const auditQuery = z.strictObject({
    from: instant.optional(),
    to: instant.optional(),
    user: z.string().max(64).optional(),
    action: z.string().max(100).optional(),
    before: whole(1, Number.MAX_SAFE_INTEGER).optional(),
    limit: whole(1, MAX_PAGE).optional(),
  });
  app.get<{ Querystring: z.infer<typeof auditQuery> }>(
    "/api/audit",
    {
      schema: {
        summary:
          "What was changed, by whom, from where, with what result, newest first; of a time, a user, an action (`user.add`, or `user.` for all of users). The next page is asked for with `next` as `before`",
        querystring: auditQuery,
        response: { 200: auditPageSchema, ...refused },
      },
    },
    ({ query: { from, to, user, action, before, limit } }) =>
      access.audit.page({
        ...(from !== undefined && { fromMs: from }),
        ...(to !== undefined && { toMs: to }),
        ...(user !== undefined && { who: user }),
        ...(action !== undefined && { action }),
        ...(before !== undefined && { before }),
        limit: limit ?? PAGE,
      }),
  );
};
