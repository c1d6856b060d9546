import { isUtf8 } from "node:buffer";
import { connect, type Socket } from "node:net";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { Gathered } from "./gathered.js";
import type { Outcome, Tap } from "./tap.js";

/** Bounds of one exchange. `answerMs` counts from the first packet to the last byte, `connectMs` to the handshake. */
export interface TcpLimits {
  connectMs: number;
  answerMs: number;
  maxBytes: number;
}

/** A rig that is slow on its own network answers within seconds; the largest honest reply is about 110 kB. */
export const TCP_LIMITS: TcpLimits = { connectMs: 3_000, answerMs: 10_000, maxBytes: 1024 * 1024 };

/** What came back, without the NULs and blanks around it. `nul`: the rig marked the end, so nothing is missing. */
export interface RawReply {
  text: string;
  nul: boolean;
}

/** Asks rigs over TCP, one request per connection, as the cgminer API wants it. */
export interface TcpLink {
  /**
   * Connects, writes `request` at once, reads until NUL or close, and closes. Rejects with an {@link AgentError}: `refused`,
   * `unreachable`, `timeout`, `reset`, `tooLarge`, `empty`, `aborted`.
   */
  ask(address: string, port: number, request: string, limits?: Partial<TcpLimits>): Promise<RawReply>;
  /** Exchanges under way. */
  readonly inFlight: number;
  /** Ends every exchange with `aborted`; asking afterwards rejects at once. */
  close(): void;
}

const SWEEP_MS = 100;
const READ_BYTES = 64 * 1024;
/** One connection reads at a time on an event loop; where reads wait inside the kernel (Windows), none may be shared. */
const SHARED_BUFFER = process.platform === "win32" ? undefined : Buffer.allocUnsafeSlow(READ_BYTES);

/** One exchange: the link's sweep bounds its time, so that no timer is armed per poll. */
class Exchange {
  readonly connectBy: number;
  readonly answerBy: number;
  private readonly startedMs: number;
  private readonly socket: Socket;
  private body: Gathered | undefined;
  private done = false;

  constructor(
    private readonly link: Link,
    private readonly address: string,
    private readonly port: number,
    private readonly request: string,
    private readonly limits: TcpLimits,
    private resolve: (reply: RawReply) => void,
    private reject: (error: AgentError) => void,
  ) {
    const now = link.clock.monoMs();
    this.startedMs = now;
    this.connectBy = now + limits.connectMs;
    this.answerBy = now + limits.answerMs;
    this.socket = connect({
      host: address,
      port,
      onread: {
        buffer: SHARED_BUFFER ?? Buffer.allocUnsafe(READ_BYTES),
        callback: (length, buffer) => this.read(buffer as Buffer, length),
      },
    });
    this.socket.on("error", (error: NodeJS.ErrnoException) => this.broke(error));
    this.socket.on("end", () => this.ended());
    this.socket.on("close", () => this.ended());
    // A rig reads its request with a single recv, so it goes out in one write.
    this.socket.write(request, "latin1");
  }

  private read(buffer: Buffer, length: number): boolean {
    if (this.done) return false;
    // Most replies are one packet whose last byte is the NUL.
    const end = buffer[length - 1] === 0 ? firstNul(buffer, length) : buffer.subarray(0, length).indexOf(0);
    const nul = end >= 0;
    const take = nul ? end : length;
    const before = this.body?.length ?? 0;
    if (before + take > this.limits.maxBytes) {
      this.fail("tooLarge", `sent more than ${Math.round(this.limits.maxBytes / 1024)} kB without an end`);
      return false;
    }
    if (nul && before === 0) {
      const bytes = buffer.subarray(0, length);
      if (this.link.tap) this.tell("answered", [bytes]);
      this.succeed(textOf(bytes, take), true);
      return false;
    }
    if (nul && this.link.tap) this.tell("answered", [...this.came(), buffer.subarray(0, length)]);
    this.body ??= new Gathered();
    this.body.add(Buffer.from(buffer.subarray(0, take)));
    if (nul) this.succeed(this.gathered(), true);
    return !nul;
  }

  /** What came before and is kept. */
  private came(): Buffer[] {
    return this.body ? [this.body.bytes] : [];
  }

  private gathered(): string {
    const [bytes] = this.came();
    return bytes ? textOf(bytes, bytes.length) : "";
  }

  private ended(): void {
    if (this.done) return;
    const text = this.gathered();
    if (text) {
      this.tell("answered");
      this.succeed(text, false);
    } else this.fail("empty", "closed the connection without a word; its API may not allow this address");
  }

  private broke(error: NodeJS.ErrnoException): void {
    if (this.done) return;
    // Some rigs reset right behind their last byte; whether it was the last is for the reader of the reply to see.
    if (this.body && error.code === "ECONNRESET") this.ended();
    else if (error.code === "ECONNREFUSED") this.fail("refused", "refuses connections", error);
    else if (error.code === "ECONNRESET" || error.code === "EPIPE")
      this.fail("reset", "broke the connection", error);
    else this.fail("unreachable", `cannot be reached (${error.code ?? error.message})`, error);
  }

  /** Ends the exchange if its time is over. */
  sweep(now: number): void {
    if (this.socket.connecting && now >= this.connectBy)
      this.fail("unreachable", `did not accept a connection within ${this.limits.connectMs} ms`);
    else if (now >= this.answerBy) {
      const text = this.gathered();
      // No NUL and no close, but an object that is closed: a fork that forgets both.
      if (text.endsWith("}")) {
        this.tell("answered", this.came(), true);
        this.succeed(text, false);
      } else this.fail("timeout", `did not finish its answer within ${this.limits.answerMs} ms`);
    }
  }

  private succeed(text: string, nul: boolean): void {
    if (!text) {
      this.fail("empty", "answered nothing");
      return;
    }
    const { resolve } = this;
    this.finish();
    resolve({ text, nul });
  }

  fail(code: AgentError["code"], what: string, cause?: unknown): void {
    if (this.done) return;
    const { reject } = this;
    if (code !== "aborted") this.tell(code as Outcome);
    this.finish();
    reject(new AgentError(code, `${this.address}:${this.port} ${what}`, { cause }));
  }

  /** Told with every answer of a fleet: `pieces` are handed on as they are. */
  private tell(outcome: Outcome, pieces = this.came(), held?: boolean): void {
    const { tap, clock } = this.link;
    if (!tap) return;
    const { address, port, request, startedMs } = this;
    tap.heard({
      address,
      port,
      over: "tcp",
      request,
      startedMs,
      tookMs: clock.monoMs() - startedMs,
      outcome,
      held,
      pieces,
    });
  }

  private finish(): void {
    this.done = true;
    // Node's handle keeps its socket, and so this object, until the next full collection; the reply must not wait with it.
    this.body = undefined;
    this.resolve = nobody;
    this.reject = nobody;
    this.link.under.delete(this);
    this.socket.destroy();
  }
}

const nobody = (): void => {};

function firstNul(buffer: Buffer, length: number): number {
  // Several NULs, or a second reply behind the first one's NUL: what follows the first is ignored.
  const first = buffer.indexOf(0);
  return first < length ? first : length - 1;
}

/** Text of the bytes up to `end`: UTF-8, else Latin-1, since names of workers and pools may be in any encoding. */
function textOf(bytes: Buffer, end: number): string {
  // A NUL at the end is right in either.
  const told = bytes.length > end + 1 ? bytes.subarray(0, end) : bytes;
  return told.toString(isUtf8(told) ? "utf8" : "latin1", 0, end).trim();
}

class Link implements TcpLink {
  readonly under = new Set<Exchange>();
  private sweeping: Timer | undefined;
  private closed = false;

  constructor(
    readonly clock: Clock,
    private readonly limits: TcpLimits,
    signal: AbortSignal,
    readonly tap: Tap | undefined,
  ) {
    if (signal.aborted) this.closed = true;
    else signal.addEventListener("abort", () => this.close(), { once: true });
  }

  get inFlight(): number {
    return this.under.size;
  }

  ask(address: string, port: number, request: string, limits?: Partial<TcpLimits>): Promise<RawReply> {
    if (this.closed) return Promise.reject(new AgentError("aborted", "the agent is shutting down"));
    return new Promise((resolve, reject) => {
      const bounds = limits ? { ...this.limits, ...limits } : this.limits;
      this.under.add(new Exchange(this, address, port, request, bounds, resolve, reject));
      this.sweeping ??= this.clock.every(SWEEP_MS, () => this.sweep());
    });
  }

  private sweep(): void {
    if (this.under.size === 0) {
      this.sweeping?.[Symbol.dispose]();
      this.sweeping = undefined;
      return;
    }
    const now = this.clock.monoMs();
    for (const exchange of this.under) exchange.sweep(now);
  }

  close(): void {
    this.closed = true;
    for (const exchange of this.under)
      exchange.fail("aborted", "was not heard out: the agent is shutting down");
    this.sweeping?.[Symbol.dispose]();
    this.sweeping = undefined;
  }
}

/** Opens a link whose exchanges all end with `signal`. `limits` are the defaults of each exchange; `tap` is told of them. */
export function openTcpLink(
  clock: Clock,
  limits: Partial<TcpLimits>,
  signal: AbortSignal,
  tap?: Tap,
): TcpLink {
  return new Link(clock, { ...TCP_LIMITS, ...limits }, signal, tap);
}
