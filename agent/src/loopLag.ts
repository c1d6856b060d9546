import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock, Timer } from "@hashwatt/protocol/time";

/** A timer of Node's own fires so often and is asked how late it was. */
const RESOLUTION_MS = 20;
const WINDOW_MS = 60_000;

/** How late the event loop was over a minute, ms. */
export interface Lag {
  p99Ms: number;
  maxMs: number;
}

/** Watches how late the event loop is: what stands still polls late. */
export class LoopLag implements Disposable {
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: Timer;
  #lastMinute: Lag | undefined;

  constructor(clock: Pick<Clock, "every">) {
    this.#delays.enable();
    this.#timer = clock.every(WINDOW_MS, () => this.#turn());
  }

  /** The last whole minute; undefined before there is one. */
  get lastMinute(): Lag | undefined {
    return this.#lastMinute;
  }

  #turn(): void {
    const { count, max } = this.#delays;
    if (count > 0) this.#lastMinute = { p99Ms: lateMs(this.#delays.percentile(99)), maxMs: lateMs(max) };
    this.#delays.reset();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    this.#delays.disable();
  }
}

/** Node tells the whole time between two firings, in ns. */
const lateMs = (ns: number): number => Math.max(0, Math.round(ns / 1_000) / 1e3 - RESOLUTION_MS);
