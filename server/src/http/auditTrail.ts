import type { Facets } from "@hashwatt/protocol/access";
import type { FastifyInstance } from "fastify";
import type { Access } from "../access/access.js";
import { SAFE } from "./gate.js";

declare module "fastify" {
  interface FastifyRequest {
    /** What a request that changes something does, for the record; an endpoint says it before it does it. Null: the path says it. */
    deed: { action: string; object: string; before?: Facets; after?: Facets } | null;
  }
}

/** Logging in and out is written by itself, for it is done by strangers too. */
const SESSION = "/api/session";

/**
 * Writes every change that is asked for by somebody known into the record, before it is answered: what was done, what was
 * refused to them, and what failed. An endpoint that says nothing of itself is recorded by its path.
 */
export function addAuditTrail(app: FastifyInstance, access: Access): void {
  app.decorateRequest("deed", null);
  app.addHook("onSend", async (request, reply, payload) => {
    const { grant, method, deed } = request;
    const { url } = request.routeOptions;
    if (!grant || SAFE.has(method) || url === undefined || url === SESSION) return payload;
    const { statusCode } = reply;
    await access.audit.note({
      who: grant.who,
      by: grant.by,
      address: request.ip,
      action: deed?.action ?? `${method} ${url}`,
      object: deed?.object ?? Object.values((request.params ?? {}) as Record<string, string>).join(" "),
      ...(deed?.before && { before: deed.before }),
      ...(deed?.after && { after: deed.after }),
      result: statusCode < 400 ? "done" : statusCode === 401 || statusCode === 403 ? "refused" : "failed",
    });
    return payload;
  });
}
