import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { digestChallenge, fitsDigest } from "../speakers/webLogin.js";
import { bytesOf, type Capture, type CapturedReply } from "./captureFile.js";

type Http = NonNullable<Capture["http"]>;

const MOST_BODY_BYTES = 1_000_000;

/** A captured rig's web API, behind the login that it had. */
export class HttpReplies {
  readonly #http: Http;
  readonly #nonce = randomBytes(16).toString("hex");
  readonly #token = randomBytes(16).toString("hex");
  readonly #graphql: CapturedReply | undefined;

  constructor(http: Http) {
    this.#http = http;
    this.#graphql = http.graphql && Object.values(http.graphql.responses).reduce(merged, {});
  }

  /** Answers a request. Never throws. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "/").split("?", 1)[0] as string;
    const route = `${request.method} ${path}`;
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined) return void response.destroy();
    const { auth } = this.#http;
    if (auth?.login === route) return this.#login(response, route, body);
    if (auth && !this.#isIn(request)) return this.#refuse(response);
    const reply = path === this.#http.graphql?.path ? this.#graphql : this.#http.routes[route];
    if (reply === undefined) send(response, 404, "Not Found", "text/plain");
    else sendReply(response, reply);
  }

  #login(response: ServerResponse, route: string, body: string): void {
    const { auth, routes } = this.#http;
    const captured = routes[route];
    const given = accountOf(body);
    const password = given?.password ?? given?.pw;
    if (auth?.password !== undefined && (password !== auth.password || given?.username !== auth.username))
      send(response, 401, JSON.stringify({ message: "invalid credentials" }), "application/json");
    else if (captured !== undefined) sendReply(response, captured);
    else send(response, 200, JSON.stringify({ token: this.#token, timeout_s: 3600 }), "application/json");
  }

  #isIn(request: IncomingMessage): boolean {
    const { auth } = this.#http;
    const given = request.headers.authorization ?? "";
    switch (auth?.scheme) {
      case "digest":
        return fitsDigest(
          given,
          request.method ?? "GET",
          { realm: auth.realm ?? "", username: auth.username ?? "", password: auth.password ?? "" },
          this.#nonce,
        );
      case "basic":
        return given === `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
      case "token":
        return given === this.#token || given === `Bearer ${this.#token}`;
      default:
        // Reading is open; only what changes something asks for the token.
        return request.method === "GET" || given !== "";
    }
  }

  #refuse(response: ServerResponse): void {
    const { auth } = this.#http;
    if (auth?.scheme === "digest")
      response.setHeader("www-authenticate", digestChallenge(auth.realm ?? "", this.#nonce));
    else if (auth?.scheme === "basic")
      response.setHeader("www-authenticate", `Basic realm="${auth.realm ?? ""}"`);
    send(response, 401, "Unauthorized", "text/plain");
  }
}

/** What a login says of who logs in. What is no JSON says nothing, and is refused unless nothing is needed. */
function accountOf(body: string): { username?: unknown; password?: unknown; pw?: unknown } | null {
  try {
    return JSON.parse(body) as ReturnType<typeof accountOf>;
  } catch {
    return null;
  }
}

function sendReply(response: ServerResponse, reply: CapturedReply): void {
  const isPage = typeof reply === "string" && reply.trimStart().startsWith("<");
  send(response, 200, bytesOf(reply), isPage ? "text/html" : "application/json");
}

function send(response: ServerResponse, status: number, body: string | Buffer, type: string): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) throw new Error("too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Answers to parts of one question, put together: the same question asked whole. */
function merged(a: CapturedReply, b: CapturedReply): CapturedReply {
  if (!isMap(a) || !isMap(b)) return b;
  const all: Record<string, CapturedReply> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = all[key];
    all[key] = before === undefined ? value : merged(before, value);
  }
  return all;
}

const isMap = (value: CapturedReply): value is Record<string, CapturedReply> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
