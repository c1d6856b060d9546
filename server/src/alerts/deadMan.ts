import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { Secret } from "../secret.js";
import { httpPost } from "./notifiers/httpPost.js";

/** What the call rests on. */
export interface DeadManParts {
  url: Secret;
  everyMs: number;
  /** Why the server is not well; undefined while it is. */
  unwell(): string | undefined;
  clock: Clock;
  log: Logger;
}

/**
 * Calls a URL for as long as the server is well, and never while it is not: whoever waits there for the call notices what the
 * server itself cannot tell, its own death.
 */
export class DeadMan implements Disposable {
  readonly #stop = new AbortController();
  readonly #timer: Disposable;
  readonly #parts: DeadManParts;
  #said: string | undefined;
  #isCalling = false;
  /** Why the last call was not made or did not arrive. */
  problem: string | undefined;
  calls = 0;

  constructor(parts: DeadManParts) {
    this.#parts = parts;
    this.#timer = parts.clock.every(parts.everyMs, () => void this.call());
  }

  /** Calls once, if all is well. */
  async call(): Promise<void> {
    const { url, unwell, clock, log } = this.#parts;
    if (this.#isCalling) return;
    const why = unwell();
    if (why !== undefined) return this.#say(`not called: ${why}`);
    this.#isCalling = true;
    try {
      const went = await httpPost({ url: url.reveal(), text: "", method: "GET" }, clock, this.#stop.signal);
      if (went.kind !== "delivered") return this.#say(went.reason);
      this.calls++;
      if (this.#said !== undefined) log.info("the dead-man URL is called again");
      this.#said = this.problem = undefined;
    } catch {
      // Only the end of this server ends a call so.
    } finally {
      this.#isCalling = false;
    }
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#timer[Symbol.dispose]();
  }

  #say(why: string): void {
    this.problem = why;
    if (why !== this.#said) this.#parts.log.warn({ why }, "the dead-man URL is not reached");
    this.#said = why;
  }
}
