import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { ApiError } from "@hashwatt/protocol/http";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import type { Logger } from "pino";
import { z } from "zod";
import { nearestName } from "../config/nearestName.js";
import { ServerError } from "../error.js";
import type { Refusals } from "../refusals.js";

/** What the API calls an error of that status; others are the client's bad request. */
const NAMES: Record<number, string> = { 401: "unauthorized", 403: "forbidden", 404: "notFound", 503: "busy" };

/** What was said to who was refused, until it is counted. */
const said = new WeakMap<FastifyRequest, ApiError>();
/** Requests that a plugin has refused, whose words for it may be ours too: nobody has counted them. */
const refusedByPlugin = new WeakSet<FastifyRequest>();
/** Refusals that are counted where they are made, under a kind of their own. */
const COUNTED = new Set(["unauthorized", "forbidden", "wrongPassword", "tooManyTries"]);

/** Counts a request that was refused and is counted nowhere else, once it is answered. */
export function countRefusal(
  request: FastifyRequest,
  { statusCode }: FastifyReply,
  refusals: Refusals,
): void {
  const error = said.get(request);
  const isCounted = error !== undefined && COUNTED.has(error.error) && !refusedByPlugin.has(request);
  if (statusCode < 400 || statusCode === 500 || isCounted) return;
  const why = error?.message ?? STATUS_CODES[statusCode];
  refusals.note("http-request", `${request.ip}: ${request.method} ${request.url.slice(0, 100)}: ${why}`);
}

/** What a refusal that is told in another shape will be counted as. */
export function noteRefused(request: FastifyRequest, error: ApiError): void {
  said.set(request, error);
}

/** Answers with an error in the shape that every refusal of the API has. */
export function sendError(reply: FastifyReply, status: number, error: ApiError): FastifyReply {
  noteRefused(reply.request, error);
  return reply.status(status).type("application/json").send(error);
}

/** Answers for whatever a handler or a check has thrown. What is not the client's fault is logged and not told. */
export function answerError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const part = error.validationContext === "body" ? "body" : "query";
    const unknown = unknownParameter(error.validation, request, part);
    if (unknown) return sendError(reply, 400, { error: "badRequest", ...unknown });
    const { instancePath, message } = error.validation[0]!;
    const field = instancePath.split("/")[1] || part;
    return sendError(reply, 400, { error: "badRequest", field, message: `${field}: ${expectedOf(message)}` });
  }
  if (error instanceof ServerError) {
    const { code, message } = error;
    if (code === "notFound") return sendError(reply, 404, { error: "notFound", message });
    if (code === "jobRunning" || code === "conflict") return sendError(reply, 409, { error: code, message });
    if (code === "badRequest") return sendError(reply, 400, { error: code, ...fieldOf(message), message });
    // A store that is away says so on every page; what cannot be answered without it is no defect of ours.
    if (code.startsWith("store") && error.retryable)
      return sendError(reply, 503, { error: "storeAway", message });
  }
  // What the router calls an address that is too long is a name that nothing has.
  if (error.code === "FST_ERR_MAX_PARAM_LENGTH")
    return sendError(reply, 404, { error: "notFound", message: "There is nothing of a name so long" });
  const status = error.statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    refusedByPlugin.add(request);
    return sendError(reply, status, { error: NAMES[status] ?? "badRequest", message: error.message });
  }
  log.error({ err: error }, "request failed");
  return sendError(reply, 500, {
    error: "internal",
    message: "The server could not answer; its log says why",
  });
}

/** What a check of a request says, where it is that something is missing or of another kind: in words that say what to send. */
function expectedOf(message = "is not what is expected here"): string {
  const found = /^Invalid input: expected (\w+), received (\w+)$/.exec(message);
  if (!found) return message;
  const [, expected, received] = found;
  const wanted =
    expected === "object" ? "a JSON object" : `${/^[aeio]/.test(expected!) ? "an" : "a"} ${expected}`;
  return received === "undefined" || received === "null"
    ? `is missing: ${wanted} is expected`
    : `${wanted} is expected, and not ${received}`;
}

/** The first parameter of the query or the body that the endpoint does not know, with what it may have meant: a typo must not get other data. */
function unknownParameter(
  issues: readonly { keyword: string; params: object }[],
  request: FastifyRequest,
  part: "body" | "query",
): { field: string; message: string } | undefined {
  const issue = issues.find(({ keyword }) => keyword === "unrecognized_keys");
  const field = (issue?.params as { keys?: readonly string[] } | undefined)?.keys?.[0]?.slice(0, 100);
  if (field === undefined) return undefined;
  const { body, querystring } = request.routeOptions.schema ?? {};
  let schema: unknown = part === "body" ? body : querystring;
  while (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) schema = schema.unwrap();
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  if (!known.length) return { field, message: `${field}: this endpoint takes no parameter` };
  const near = nearestName(field, known);
  return {
    field,
    message: `${field}: is no parameter here; ${near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`}`,
  };
}

/** A message of ours about a bad request begins with the name of the field. */
const fieldOf = (message: string): { field?: string } => {
  const field = /^([a-zA-Z]+(?:\.[a-zA-Z]+)*): /.exec(message)?.[1];
  return field === undefined ? {} : { field };
};

/** Answers on a socket whose request could not even be parsed, counts it, and ends it. */
export function answerClientError(
  error: Error & { code?: string },
  socket: Socket,
  refusals: Refusals,
): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  refusals.note("http-request", `${socket.remoteAddress}: ${error.message}`);
  const status =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
  if (socket.writable) socket.write(rawError(status, "This is no HTTP request that can be answered"));
  socket.destroy(error);
}

/** A whole HTTP response with an error, for a socket that no reply stands for; `headers`: more of them. */
export function rawError(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const error = NAMES[status] ?? "badRequest";
  const body = JSON.stringify({ error, message } satisfies ApiError);
  const all = {
    connection: "close",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`;
}
