import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import swagger from "@fastify/swagger";
import type { ApiError } from "@hashwatt/protocol/http";
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { Connections } from "../connections.js";
import { httpsServer } from "../tls/httpsServer.js";
import type { ServedCertificate } from "../tls/servedCertificate.js";
import { answerClientError, answerError, countRefusal, sendError } from "./apiErrors.js";
import type { ApiParts } from "./apiParts.js";
import { addAuditTrail } from "./auditTrail.js";
import { dashboardPage, serveDashboard } from "./dashboard.js";
import { addGate } from "./gate.js";
import type { HostGuard } from "./hostGuard.js";
import { pack } from "./packing.js";
import { noQuery } from "./query.js";
import { ROUTES } from "./routes/registry.js";
import { validator } from "./validator.js";

/** Named so that fastify does not load its own; no route has a schema that it would be asked for. */
const serializer = () => (data: unknown) => JSON.stringify(data);

declare module "fastify" {
  interface FastifyContextConfig {
    /** Schemas of the answers by their status. */
    answers?: unknown;
  }
  interface FastifyInstance {
    /** The connections that are open. */
    connections: Connections;
  }
}

const BODY_LIMIT = 64 * 1024;
const MAX_PARAM = 128;
/** A request has so long to come, its header less; whether it has is looked at so often. */
const TIMES = { requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 5_000 };
/** A connection on which nothing moves for so long is let go, whatever it waits for: an answer that nobody reads, or another request. */
const STILL_MS = 120_000;
/** Of the connections beyond these, live ones among them, {@link Connections} says which have to go. */
const MAX_CONNECTIONS = 1_024;

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

/**
 * Options of the HTTP side. `dashboardDir` is the dashboard's build; without one only the API is served. What `proxies`
 * (addresses, networks) say of the address they were called from is believed.
 */
export interface HttpOptions {
  guard: HostGuard;
  dashboardDir: string | undefined;
  version: string;
  proxies?: readonly string[];
  /** HTTPS with this certificate; browsers are told to keep to it for `hstsDays`. */
  certificate?: ServedCertificate | undefined;
  hstsDays?: number;
}

/** Builds the HTTP application: the API with its OpenAPI document, and the dashboard. It listens to nothing yet. */
export async function buildApp(parts: ApiParts, options: HttpOptions): Promise<FastifyInstance> {
  const { certificate, guard } = options;
  const hstsS = (options.hstsDays ?? 0) * 86_400;
  /** Sets the headers of every answer; refuses who does not call this server by its name. */
  const refused = (request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined => {
    reply.headers({
      "content-security-policy": CSP,
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      // Browsers send the one and honour the other only where nobody could have changed the page on its way.
      ...(request.headers["sec-fetch-mode"] && { "cross-origin-opener-policy": "same-origin" }),
      "cross-origin-resource-policy": "same-origin",
      ...(hstsS > 0 && { "strict-transport-security": `max-age=${hstsS}` }),
    });
    // By what it is, and not by how it is written: %61pi is api.
    if ([request.url, request.routeOptions.url ?? ""].some((path) => /^\/(api\/|metrics)/.test(path)))
      reply.header("cache-control", "no-store");
    const why = guard.whyNot(request.headers, parts.access.isProgram(request.headers));
    if (why === undefined) return undefined;
    parts.refusals.note("http-host", why);
    return sendError(reply, 403, { error: "forbidden", message: why });
  };
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    // Named here, for fastify would load its own beside them: 3 MB. It types them as its own.
    schemaController: {
      compilersFactory: { buildValidator: () => validator as never, buildSerializer: () => serializer },
    },
    routerOptions: { maxParamLength: MAX_PARAM },
    requestTimeout: TIMES.requestTimeout,
    forceCloseConnections: true,
    // Only tries at the password are counted by address; nobody else's word about one is taken.
    trustProxy: options.proxies?.length ? [...options.proxies] : false,
    // A path that is no path passes no hook.
    frameworkErrors: (error, request, reply) => {
      refused(request, reply) ?? answerError(error, request, reply, parts.log);
      countRefusal(request, reply, parts.refusals);
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, parts.refusals),
    // A request without a host is refused by the guard, in words.
    ...(certificate
      ? {
          serverFactory: (handler: RequestListener) =>
            httpsServer(certificate, guard, { requireHostHeader: false, ...TIMES }, handler, parts.clock),
        }
      : { http: { requireHostHeader: false, ...TIMES } }),
  });
  app.server.timeout = STILL_MS;
  const connections = new Connections(MAX_CONNECTIONS, (why) => parts.refusals.note("http-connection", why));
  connections.watch(app.server);
  app.server.on("request", ({ socket }: IncomingMessage) => connections.used(socket));
  app.decorate("connections", connections);
  app.server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    const why = `Expect "${request.headers.expect}" is nothing that this server knows`;
    parts.refusals.note("http-request", `${request.socket.remoteAddress}: ${why}`);
    response.writeHead(417, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify({ error: "badRequest", message: why } satisfies ApiError));
  });
  app.setValidatorCompiler(validator);

  app.addHook("onRequest", async (request, reply) => refused(request, reply));
  app.addHook("onResponse", async (request, reply) => countRefusal(request, reply, parts.refusals));
  addGate(app, parts.access, parts.refusals);
  addAuditTrail(app, parts.access);
  // The schemas of answers are for the document alone: the answers are typed, walking ten thousand rigs again would only cost, and
  // fastify would keep a list of 600 places for each route.
  app.addHook("onRoute", (route) => {
    const { response, ...asked } = route.schema ?? {};
    if (response === undefined) return;
    route.config = { ...route.config, answers: response };
    route.schema = asked;
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, parts.log));

  app.addHook("onSend", pack);
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
      components: {
        securitySchemes: {
          token: {
            type: "http",
            scheme: "bearer",
            description: "An API token: made under /api/tokens, or one of the server's `http.tokens`",
          },
        },
      },
      // Nothing is asked for where the server has neither a password, a token nor a user.
      security: [{ token: [] }, {}],
    },
    transform: ({ schema, route, ...rest }) => {
      const response = route.config?.answers;
      return jsonSchemaTransform({
        schema: { ...schema, ...(response !== undefined && { response }) },
        route,
        ...rest,
      });
    },
  });
  await app.register(async (scope) => {
    for (const route of ROUTES) route(scope, parts);
  });
  let document: string | undefined;
  app.get("/api/openapi.json", { schema: { hide: true, querystring: noQuery } }, (_request, reply) => {
    // It never changes, and writing it takes longer than most answers.
    document ??= JSON.stringify(app.swagger());
    return reply.type("application/json; charset=utf-8").send(document);
  });
  if (options.dashboardDir !== undefined) await serveDashboard(app, options.dashboardDir);
  const sendPage = dashboardPage(options.dashboardDir, parts.log);
  app.setNotFoundHandler((request, reply) => {
    const isPage =
      request.method === "GET" && !request.url.startsWith("/api/") && !request.url.startsWith("/live");
    if (isPage && !/\.[a-z0-9]+(\?|$)/i.test(request.url)) return sendPage(request, reply);
    return sendError(reply, 404, {
      error: "notFound",
      message: `There is nothing at ${request.method} ${request.url.slice(0, 200)}`,
    });
  });
  return app;
}
