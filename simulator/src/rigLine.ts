import type { Socket } from "node:net";
import type { Answer } from "./speakers/speaker.js";
import type { Clock } from "./time.js";

/** Connections that may wait for a rig's only thread; the next ones are refused. */
const MOST_WAITING = 32;
/** How long a rig lets a silent connection block it. */
const SILENCE_MS = 10_000;
const NOTHING = Buffer.alloc(0);

/** What a line needs to know of its rig. */
export interface LineHost {
  answer(request: Buffer): Answer;
  replyDelayMs(): number;
  /** Called when the reply has been handed to the system, before the peer can have read it. */
  answered(command: string, atMs: number): void;
}

/**
 * A rig's API daemon as seen from the wire: single-threaded, one request a connection, one read a request.
 * Sockets must come paused and half-open, so that none is read before its turn and a peer that has stopped
 * sending is still answered.
 */
export class RigLine {
  readonly #host: LineHost;
  readonly #clock: Clock;
  readonly #waiting: Socket[] = [];
  #serving: Socket | undefined;

  constructor(host: LineHost, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
  }

  /** Takes over a connection: served now, later, or (with too many waiting) refused. */
  accept(socket: Socket): void {
    // A peer that resets the connection is its own affair; without a listener it would end the process.
    socket.on("error", () => {});
    if (this.#serving === undefined) this.#serve(socket);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(socket);
    else socket.resetAndDestroy();
  }

  /** Cuts the connection that is served and all that wait. */
  drop(): void {
    for (const socket of this.#waiting.splice(0)) socket.resetAndDestroy();
    this.#serving?.resetAndDestroy();
  }

  #serve(socket: Socket): void {
    if (socket.destroyed) {
      this.#serveNext();
      return;
    }
    this.#serving = socket;
    let timer = this.#clock.after(SILENCE_MS, () => socket.resetAndDestroy());
    let heard = false;
    const hear = (request: Buffer): void => {
      if (heard) return;
      heard = true;
      timer.cancel();
      const delayMs = this.#host.replyDelayMs();
      if (delayMs > 0) timer = this.#clock.after(delayMs, () => this.#reply(socket, request));
      else this.#reply(socket, request);
    };
    // After the first chunk the stream flows on unheard: a daemon that reads once ignores what follows.
    socket.once("data", hear);
    socket.once("end", () => hear(NOTHING));
    socket.once("close", () => {
      timer.cancel();
      this.#serving = undefined;
      this.#serveNext();
    });
    socket.resume();
  }

  #reply(socket: Socket, request: Buffer): void {
    const { command, bytes } = this.#host.answer(request);
    const gone = () => socket.destroy();
    if (typeof bytes === "string") socket.end(bytes, "latin1", gone);
    else socket.end(bytes, gone);
    this.#host.answered(command, this.#clock.nowMs());
  }

  #serveNext(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#serve(next);
  }
}
