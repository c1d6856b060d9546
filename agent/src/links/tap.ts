import type { AgentErrorCode } from "../agentError.js";

/** How an exchange with a rig ended: with an answer, or with what the link says of it. */
export type Outcome =
  | "answered"
  | Extract<
      AgentErrorCode,
      "refused" | "unreachable" | "timeout" | "reset" | "tooLarge" | "empty" | "garbled" | "truncated"
    >;

/** One exchange with a rig as it went over the wire. */
export interface Heard {
  address: string;
  port: number;
  over: "tcp" | "http" | "v3";
  /** Of the cgminer API and API 3 what was sent; of HTTP method and path (`GET /api/v1/info`). */
  request: string;
  /** Body of an HTTP request; absent where there is none, and of one that logs in. */
  body?: string | undefined;
  /** The request carried what lets its sender in (`credentials`), or was one to be let in (`login`). */
  secrecy?: "credentials" | "login" | undefined;
  tls?: boolean | undefined;
  /** Monotonic ms at which it was begun, and how long it took. */
  startedMs: number;
  tookMs: number;
  outcome: Outcome;
  /** The rig neither marked the end nor closed the connection, and its answer was whole all the same. */
  held?: boolean | undefined;
  /** HTTP: status and header lines (name, value, name, value …), and whether the body ended before its announced length. */
  status?: number | undefined;
  headers?: readonly string[] | undefined;
  cut?: boolean | undefined;
  /** What came, byte by byte, in pieces; of HTTP the body as it was packed. The buffers are the link's: copy to keep. */
  pieces: readonly Buffer[];
}

/**
 * Is told of every exchange that links have with rigs; those that the agent itself broke off are not told. The exchange is
 * handed over: who tells it touches it no more. Never throws.
 */
export interface Tap {
  heard(exchange: Heard): void;
}
