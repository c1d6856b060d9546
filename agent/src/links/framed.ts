import { isUtf8 } from "node:buffer";
import { connect } from "node:net";
import type { Clock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { Gathered } from "./gathered.js";
import type { Outcome, Tap } from "./tap.js";
import { TCP_LIMITS, type TcpLimits } from "./tcp.js";

/** Asks rigs over TCP in frames: the length as uint32, little end first, then that many bytes; as the WhatsMiner API 3 does. */
export interface FramedLink {
  /**
   * One connection, one frame out, one frame in. Rejects with an {@link AgentError}: `refused`, `unreachable`, `timeout`,
   * `reset`, `tooLarge` (by what the frame announces, before it comes), `empty`, `truncated`, `garbled` (a length of 0),
   * `aborted`.
   */
  ask(address: string, port: number, request: string, limits?: Partial<TcpLimits>): Promise<string>;
  close(): void;
}

const HEAD = 4;

/** Opens a link whose exchanges all end with `signal`. `limits` are the defaults of each exchange; `tap` is told of them. */
export function openFramedLink(
  clock: Clock,
  limits: Partial<TcpLimits>,
  signal: AbortSignal,
  tap?: Tap,
): FramedLink {
  const defaults = { ...TCP_LIMITS, ...limits };
  const under = new Set<(error: AgentError) => void>();
  let closed = signal.aborted;
  const close = () => {
    closed = true;
    for (const end of [...under]) end(new AgentError("aborted", "the agent is shutting down"));
  };
  signal.addEventListener("abort", close, { once: true });
  return {
    close,
    ask(address, port, request, own) {
      if (closed) return Promise.reject(new AgentError("aborted", "the agent is shutting down"));
      const bounds = own ? { ...defaults, ...own } : defaults;
      return exchange(clock, address, port, request, bounds, under, tap);
    },
  };
}

function exchange(
  clock: Clock,
  address: string,
  port: number,
  request: string,
  limits: TcpLimits,
  under: Set<(error: AgentError) => void>,
  tap: Tap | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const startedMs = clock.monoMs();
    const socket = connect({ host: address, port });
    const came = new Gathered();
    /** What the frame says it holds; undefined until its head is there. */
    let announced: number | undefined;
    let done = false;
    const finish = () => {
      done = true;
      under.delete(end);
      connecting[Symbol.dispose]();
      answering[Symbol.dispose]();
      socket.destroy();
    };
    const tell = (outcome: Outcome) =>
      tap?.heard({
        address,
        port,
        over: "v3",
        request,
        startedMs,
        tookMs: clock.monoMs() - startedMs,
        outcome,
        pieces: [came.bytes],
      });
    const end = (error: AgentError) => {
      if (done) return;
      if (error.code !== "aborted") tell(error.code as Outcome);
      finish();
      reject(error);
    };
    const fail = (code: AgentError["code"], what: string, cause?: unknown) =>
      end(new AgentError(code, `${address}:${port} ${what}`, { cause }));
    under.add(end);
    const connecting = clock.after(limits.connectMs, () => {
      if (socket.connecting) fail("unreachable", `did not accept a connection within ${limits.connectMs} ms`);
    });
    const answering = clock.after(limits.answerMs, () =>
      fail("timeout", `did not finish its answer within ${limits.answerMs} ms`),
    );
    const broken = () => {
      if (came.length === 0)
        fail("empty", "closed the connection without a word; its API may not allow this address");
      else
        fail("truncated", `broke off after ${Math.max(0, came.length - HEAD)} of ${announced ?? "?"} bytes`);
    };
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (came.length > 0) broken();
      else if (error.code === "ECONNREFUSED") fail("refused", "refuses connections", error);
      else if (error.code === "ECONNRESET" || error.code === "EPIPE")
        fail("reset", "broke the connection", error);
      else fail("unreachable", `cannot be reached (${error.code ?? error.message})`, error);
    });
    socket.on("end", broken);
    socket.on("close", broken);
    socket.on("data", (chunk) => {
      if (done) return;
      came.add(chunk);
      if (announced === undefined) {
        if (came.length < HEAD) return;
        announced = came.bytes.readUInt32LE(0);
        if (announced === 0) return fail("garbled", "sent a frame without content");
        if (announced > limits.maxBytes)
          return fail("tooLarge", `announces ${announced} bytes, more than ${limits.maxBytes}`);
      }
      if (came.length < HEAD + announced) return;
      // What follows the frame belongs to no question.
      const body = came.bytes.subarray(HEAD, HEAD + announced);
      tell("answered");
      finish();
      resolve(body.toString(isUtf8(body) ? "utf8" : "latin1"));
    });
    const body = Buffer.from(request, "utf8");
    const frame = Buffer.allocUnsafe(HEAD + body.length);
    frame.writeUInt32LE(body.length, 0);
    body.copy(frame, HEAD);
    socket.write(frame);
  });
}
