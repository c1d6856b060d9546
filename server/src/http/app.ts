import compress from "@fastify/compress";
import swagger from "@fastify/swagger";
import type { ApiError } from "@hashwatt/protocol/http";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  validatorCompiler,
} from "fastify-type-provider-zod";
import { ServerError } from "../error.js";
import type { ApiParts } from "./apiParts.js";
import { serveDashboard } from "./dashboard.js";
import type { HostGuard } from "./hostGuard.js";
import { ROUTES } from "./routes/registry.js";

const BODY_LIMIT = 64 * 1024;
const MAX_PARAM = 128;
const REQUEST_TIMEOUT_MS = 30_000;

/** Everything from this server and nothing from elsewhere; no inline script or style. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Options of the HTTP side. `dashboardDir` is the dashboard's build; without one only the API is served. */
export interface HttpOptions {
  guard: HostGuard;
  dashboardDir: string | undefined;
  version: string;
}

/** Builds the HTTP application: the API with its OpenAPI document, and the dashboard. It listens to nothing yet. */
export async function buildApp(parts: ApiParts, options: HttpOptions): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: MAX_PARAM },
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    // A proxy's word about the client is not taken: nothing here depends on an address.
    trustProxy: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  // The schemas of answers are for the document; the answers are typed, and walking ten thousand rigs again would only cost.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));

  app.addHook("onRequest", async (request, reply) => {
    reply.headers({
      "content-security-policy": CSP,
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
    if (request.url.startsWith("/api/")) reply.header("cache-control", "no-store");
    const why = options.guard.whyNot(request.headers);
    if (why === undefined) return;
    parts.refusals.note("http-host", why);
    return send(reply, 403, { error: "forbidden", message: why });
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => answerError(error, reply, parts));

  await app.register(compress, {
    global: true,
    threshold: 1_024,
    encodings: ["gzip"],
    zlibOptions: { level: 1 },
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Hashwatt",
        version: options.version,
        description:
          "Readings, history, money and carbon of a fleet of mining rigs. Instants are epoch ms UTC, units W, TH/s, °C, rpm, kWh; null is unknown, never 0.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(async (scope) => {
    for (const route of ROUTES) route(scope, parts);
  });
  app.get("/api/openapi.json", { schema: { hide: true } }, () => app.swagger());
  if (options.dashboardDir !== undefined) await serveDashboard(app, options.dashboardDir);
  app.setNotFoundHandler((request, reply) => {
    const isPage =
      request.method === "GET" && !request.url.startsWith("/api/") && !request.url.startsWith("/live");
    if (isPage && options.dashboardDir !== undefined && !/\.[a-z0-9]+(\?|$)/i.test(request.url))
      return reply.header("cache-control", "no-cache").sendFile("index.html");
    return send(reply, 404, {
      error: "notFound",
      message: `There is nothing at ${request.method} ${request.url.slice(0, 200)}`,
    });
  });
  return app;
}

function send(reply: FastifyReply, status: number, error: ApiError): FastifyReply {
  return reply.status(status).type("application/json").send(error);
}

function answerError(error: FastifyError, reply: FastifyReply, parts: ApiParts): FastifyReply {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const { instancePath, message } = error.validation[0]!;
    const field = instancePath.split("/")[1] || "query";
    return send(reply, 400, { error: "badRequest", field, message: `${field}: ${message}` });
  }
  if (error instanceof ServerError) {
    if (error.code === "notFound") return send(reply, 404, { error: "notFound", message: error.message });
    if (error.code === "badRequest")
      return send(reply, 400, { error: "badRequest", ...fieldOf(error.message), message: error.message });
  }
  const status = error.statusCode;
  if (status !== undefined && status >= 400 && status < 500)
    return send(reply, status, { error: "badRequest", message: error.message });
  parts.log.error({ err: error }, "request failed");
  return send(reply, 500, { error: "internal", message: "The server could not answer; its log says why" });
}

/** A message of ours about a bad request begins with the name of the field. */
const fieldOf = (message: string): { field?: string } => {
  const field = /^([a-zA-Z]+): /.exec(message)?.[1];
  return field === undefined ? {} : { field };
};
