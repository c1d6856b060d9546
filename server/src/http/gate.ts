import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../access/access.js";
import type { EndedToken } from "../access/apiTokens.js";
import type { Grant } from "../access/grant.js";
import { reaches } from "../access/role.js";
import { cameEncrypted, setCookie } from "../access/sessionCookie.js";
import type { Refusals } from "../refusals.js";
import { sendError } from "./apiErrors.js";
import { routeRole } from "./routeRoles.js";

declare module "fastify" {
  interface FastifyRequest {
    /** What the sender may do; null for one whom nobody knows, who reaches public endpoints only. */
    grant: Grant | null;
  }
  interface FastifyInstance {
    /** Every endpoint that was registered, as the table of roles names them. */
    endpoints: Set<string>;
  }
}

/** Methods that change nothing. */
export const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
/** A login and a log-out set the cookie themselves. */
const SESSION = "/api/session";

/** Says of an application which endpoints it has, on every request who sent it, and lets it through to an endpoint only if the table of roles lets them. */
export function addGate(app: FastifyInstance, access: Access, refusals: Refusals): void {
  app.decorate("endpoints", new Set<string>());
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) if (one !== "HEAD") app.endpoints.add(`${one} ${url}`);
  });
  app.decorateRequest("grant", null);
  app.addHook("onRequest", async (request, reply) => {
    request.grant = access.grantOf(request.headers) ?? null;
    const refusal = whyNot(request, access);
    if (refusal === undefined) {
      renewCookie(request, reply, access);
      return undefined;
    }
    refusals.note("http-access", `${request.ip}: ${request.method} ${request.url}: ${refusal.message}`);
    return refuse(reply, refusal);
  });
}

/** Gives a browser its next token when the one it has has become old. */
function renewCookie(request: FastifyRequest, reply: FastifyReply, access: Access): void {
  const { grant } = request;
  const url = request.routeOptions.url ?? "";
  if (!grant?.session || !url.startsWith("/api/") || url === SESSION) return;
  const token = access.rotate(grant);
  if (token !== undefined)
    reply.header(
      "set-cookie",
      setCookie(token, request.headers, grant.session.secure || cameEncrypted(request)),
    );
}

interface Refusal {
  status: 401 | 403;
  message: string;
}

function whyNot(
  { grant, method, routeOptions: { url }, headers }: FastifyRequest,
  access: Access,
): Refusal | undefined {
  // Nothing is there; the answer says so.
  if (url === undefined) return undefined;
  const needed = routeRole(method, url);
  if (needed === undefined)
    return { status: 403, message: `${method} ${url} is in no list of who may use it; this is a defect` };
  // Browsers say where a change comes from, and the host guard looks at it. A cookie without that may be from anywhere.
  const saysWhere = headers.origin !== undefined || headers["sec-fetch-site"] === "same-origin";
  if (grant?.session && !SAFE.has(method) && !saysWhere)
    return { status: 403, message: "a request with a cookie must say by Origin which page it is from" };
  if (needed === "public") return undefined;
  if (!grant) return { status: 401, message: whyUnknown(access.endedToken(headers)) };
  return reaches(grant.role, needed)
    ? undefined
    : { status: 403, message: `this is for the role ${needed}, and yours is ${grant.role}` };
}

/** What to do for one whom nobody knows, who may have a token that was ours. */
export function whyUnknown(token: EndedToken | undefined): string {
  if (!token) return "log in, or send an API token as Authorization: Bearer <token>";
  const at = new Date(token.atMs).toISOString();
  return token.ended === "expired"
    ? `this token has expired at ${at}: have an admin make another one`
    : `this token was revoked at ${at}: have an admin make another one`;
}

function refuse(reply: FastifyReply, { status, message }: Refusal): FastifyReply {
  // Not Basic: the browser's own dialogue would come before the login page.
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="Hashwatt"');
  return sendError(reply, status, { error: status === 401 ? "unauthorized" : "forbidden", message });
}
