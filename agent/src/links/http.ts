import { isUtf8 } from "node:buffer";
import { Agent, type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import type { Clock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { Gathered } from "./gathered.js";
import { httpFailure } from "./httpFailure.js";
import { bounded, KeptSockets } from "./keptSockets.js";
import type { Heard, Outcome, Tap } from "./tap.js";
import { TCP_LIMITS, type TcpLimits } from "./tcp.js";
import { unpacked } from "./unpacked.js";

export interface HttpRequest {
  method: "GET" | "POST";
  /** Path and query. */
  path: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
  tls?: boolean;
  /** The headers let their sender in, or the body asks for that: what must not be recorded. */
  secrecy?: Heard["secrecy"];
}

/** What a rig's web server said, whatever its status. `cut`: the body ends before its announced length. */
export interface HttpAnswer {
  status: number;
  /** Names in lower case; the values of a repeated one are joined by a comma. */
  headers: Readonly<Record<string, string>>;
  /** Each `WWW-Authenticate` by itself. */
  challenges: readonly string[];
  text: string;
  cut: boolean;
}

/** Bounds of one exchange. `headOnly`: a longer body is cut at `maxBytes` instead of refused. */
export interface HttpLimits extends TcpLimits {
  headOnly: boolean;
}

/**
 * Asks the web interfaces of rigs, one connection a rig, kept for the next poll while it is of use. Redirects are not
 * followed. Servers on rigs are old: HTTP/1.0, headers a strict parser refuses, lengths that are wrong, Latin-1.
 */
export interface HttpLink {
  /**
   * Rejects with an {@link AgentError}: `refused`, `unreachable`, `timeout`, `reset`, `tooLarge`, `empty`, `garbled` (what
   * answers speaks no HTTP), `aborted`. A status of 400 and above is an answer.
   */
  ask(address: string, port: number, request: HttpRequest, limits?: Partial<HttpLimits>): Promise<HttpAnswer>;
  /** Connections that wait for their rig's next poll. */
  readonly idle: number;
  close(): void;
}

/** Idle connections of all rigs together; beyond, a rig's connection closes with its answer. */
export const MAX_IDLE = 256;
/** Polls are at most 30 s apart unless a rig is slow or the config says so. */
const IDLE_MS = 75_000;
/** Each chunk of a chunked body costs the same work, one of a byte too; the largest honest answer would have chunks of 7 bytes. */
const MAX_PIECES = 16_384;

class Link implements HttpLink {
  private readonly kept: KeptSockets;
  private readonly agents: { plain: Agent; tls: TlsAgent };
  readonly under = new Set<Exchange>();
  private closed = false;

  constructor(
    readonly clock: Clock,
    private readonly limits: HttpLimits,
    maxIdle: number,
    signal: AbortSignal,
    readonly tap: Tap | undefined,
  ) {
    this.kept = new KeptSockets(maxIdle);
    const options = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1, timeout: IDLE_MS };
    this.agents = {
      plain: bounded(new Agent(options), this.kept),
      // A rig signs its own certificate: this hides words from bystanders and proves nothing.
      tls: bounded(new TlsAgent({ ...options, rejectUnauthorized: false }), this.kept),
    };
    if (signal.aborted) this.closed = true;
    else signal.addEventListener("abort", () => this.close(), { once: true });
  }

  get idle(): number {
    return this.kept.idle;
  }

  agentFor(tls: boolean): Agent {
    return tls ? this.agents.tls : this.agents.plain;
  }

  async ask(
    address: string,
    port: number,
    what: HttpRequest,
    own?: Partial<HttpLimits>,
  ): Promise<HttpAnswer> {
    const limits = own ? { ...this.limits, ...own } : this.limits;
    const until = this.clock.monoMs() + limits.answerMs;
    for (let tries = 0; ; tries++) {
      if (this.closed) throw new AgentError("aborted", "the agent is shutting down");
      const exchange = new Exchange(this, address, port, what, {
        ...limits,
        answerMs: Math.max(1, until - this.clock.monoMs()),
      });
      try {
        return await exchange.answer;
      } catch (error) {
        // The server may have closed a kept connection at the moment the request went out; it has not seen the request then.
        if (tries > 0 || !exchange.stale || !(error instanceof AgentError)) throw error;
      }
    }
  }

  close(): void {
    this.closed = true;
    for (const exchange of [...this.under])
      exchange.fail("aborted", "was not heard out: the agent is shutting down");
    this.agents.plain.destroy();
    this.agents.tls.destroy();
  }
}

/** One request and its answer. */
class Exchange {
  readonly answer: Promise<HttpAnswer>;
  /** It failed on a kept connection before a word came back. */
  stale = false;
  private resolve!: (answer: HttpAnswer) => void;
  private reject!: (error: AgentError) => void;
  private readonly startedMs: number;
  private readonly request: ClientRequest;
  private readonly timer: Disposable;
  private connecting: Disposable | undefined;
  private response: IncomingMessage | undefined;
  private body = new Gathered();
  private done = false;

  constructor(
    private readonly link: Link,
    private readonly address: string,
    private readonly port: number,
    private readonly what: HttpRequest,
    private readonly limits: HttpLimits,
  ) {
    this.startedMs = link.clock.monoMs();
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    link.under.add(this);
    const tls = what.tls === true;
    const options: RequestOptions = {
      host: address,
      port,
      method: what.method,
      path: what.path,
      agent: link.agentFor(tls),
      // Bare line feeds and odd characters in headers, as small servers write them.
      insecureHTTPParser: true,
      headers: {
        accept: "*/*",
        "accept-encoding": "identity",
        ...(what.body !== undefined && { "content-length": Buffer.byteLength(what.body) }),
        ...what.headers,
      },
    };
    this.request = (tls ? tlsRequest : request)(options);
    this.timer = link.clock.after(limits.answerMs, () =>
      this.response && this.body.length > 0
        ? this.succeed(true)
        : this.fail("timeout", `did not finish its answer within ${Math.round(limits.answerMs)} ms`),
    );
    this.request.on("socket", (socket) => {
      if (!socket.connecting) return;
      this.connecting = link.clock.after(limits.connectMs, () => {
        if (socket.connecting)
          this.fail("unreachable", `did not accept a connection within ${limits.connectMs} ms`);
      });
    });
    this.request.on("response", (response) => this.heard(response));
    this.request.on("error", (error: NodeJS.ErrnoException & { rawPacket?: Buffer; bytesParsed?: number }) =>
      this.broke(error),
    );
    this.request.on("upgrade", (_response, socket) => {
      socket.destroy();
      this.fail("garbled", "wants another protocol than HTTP");
    });
    this.request.end(what.body);
  }

  private heard(response: IncomingMessage): void {
    this.response = response;
    response.on("data", (chunk: Buffer) => {
      if (this.done) return;
      const { body, limits } = this;
      const room = limits.maxBytes - body.length;
      if (chunk.length <= room && body.pieces < MAX_PIECES) return body.add(chunk);
      if (!limits.headOnly)
        return this.fail(
          "tooLarge",
          chunk.length > room
            ? `sent more than ${Math.round(limits.maxBytes / 1024)} kB`
            : `sent its answer in more than ${MAX_PIECES} pieces`,
        );
      body.add(chunk.subarray(0, room));
      this.request.destroy();
      this.succeed(true);
    });
    response.on("end", () => this.succeed(!response.complete));
    // It announced more than it sent: what came may be whole all the same, which its reader sees.
    response.on("aborted", () => this.succeed(true));
    response.on("error", () => this.succeed(true));
  }

  private broke(error: NodeJS.ErrnoException & { rawPacket?: Buffer; bytesParsed?: number }): void {
    if (this.done) return;
    if (this.response) {
      // It announced less than it sent: the parser stumbles over the rest, which belongs to the answer. What it took before
      // may not have been handed on yet.
      while (this.response.read() !== null);
      const rest = error.rawPacket?.subarray(error.bytesParsed ?? error.rawPacket.length);
      if (rest?.length && this.body.length + rest.length <= this.limits.maxBytes) this.body.add(rest);
      this.succeed(true);
      return;
    }
    this.stale = this.request.reusedSocket;
    const [code, what] = httpFailure(error);
    this.fail(code, what, error);
  }

  private succeed(cut: boolean): void {
    if (this.done) return;
    const { response } = this;
    const { bytes: body } = this.body;
    if (response) this.tell("answered", cut);
    this.finish();
    if (!response) return;
    if (!response.complete) this.request.destroy();
    const headers: Record<string, string> = {};
    for (const [name, values] of Object.entries(response.headersDistinct))
      if (values) headers[name] = values.join(", ");
    const answer = {
      status: response.statusCode ?? 0,
      headers,
      challenges: response.headersDistinct["www-authenticate"] ?? [],
    };
    unpacked(body, headers["content-encoding"], this.limits.maxBytes).then(
      (bytes) =>
        this.resolve({ ...answer, text: bytes.toString(isUtf8(bytes) ? "utf8" : "latin1").trim(), cut }),
      (error: NodeJS.ErrnoException) =>
        this.reject(
          error.code === "ERR_BUFFER_TOO_LARGE"
            ? this.error("tooLarge", `packed more than ${Math.round(this.limits.maxBytes / 1024)} kB`, error)
            : this.error("garbled", "sent an answer that cannot be unpacked", error),
        ),
    );
  }

  fail(code: AgentError["code"], what: string, cause?: unknown): void {
    if (this.done) return;
    // One on a kept connection that had ended is made once more.
    if (code !== "aborted" && !this.stale) this.tell(code as Outcome);
    this.finish();
    this.request.destroy();
    this.reject(this.error(code, what, cause));
  }

  private error(code: AgentError["code"], what: string, cause?: unknown): AgentError {
    return new AgentError(code, `${this.address}:${this.port} ${what}`, { cause });
  }

  private tell(outcome: Outcome, cut = false): void {
    const { tap, clock } = this.link;
    if (!tap) return;
    const { address, port, startedMs, response, body, what } = this;
    tap.heard({
      address,
      port,
      over: "http",
      request: `${what.method} ${what.path}`,
      body: what.secrecy === "login" ? undefined : what.body,
      secrecy: what.secrecy,
      tls: what.tls,
      startedMs,
      tookMs: clock.monoMs() - startedMs,
      outcome,
      status: response?.statusCode,
      headers: response?.rawHeaders,
      cut,
      pieces: [body.bytes],
    });
  }

  private finish(): void {
    this.done = true;
    this.body = new Gathered();
    this.link.under.delete(this);
    this.timer[Symbol.dispose]();
    this.connecting?.[Symbol.dispose]();
    // Errors of what is being torn down are nobody's news.
    this.request.on("error", () => {});
  }
}

/** Opens a link whose exchanges all end with `signal`. `limits` are the defaults of each exchange; `tap` is told of them. */
export function openHttpLink(
  clock: Clock,
  limits: Partial<HttpLimits>,
  signal: AbortSignal,
  maxIdle = MAX_IDLE,
  tap?: Tap,
): HttpLink {
  return new Link(clock, { ...TCP_LIMITS, headOnly: false, ...limits }, maxIdle, signal, tap);
}
