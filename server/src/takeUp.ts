import type { Clock } from "@hashwatt/protocol/time";
import { ServerError } from "./error.js";

/** So long a start waits for a step; a large fleet's latest readings take an InfluxDB ten seconds and more. */
const PATIENCE_MS = 3_000;

/**
 * What a start takes up from the telemetry store, step by step. A store that is slow or away is no reason not to start: what
 * could not be done is done when it is back, and before anything is stored in it.
 */
export class TakeUp {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #running: Promise<void> | undefined;
  #problem: string | undefined;

  /** Without a clock every step is waited for. */
  constructor(private readonly clock?: Pick<Clock, "after"> | undefined) {}

  /** Whether something is left to be done. */
  get isWaiting(): boolean {
    return this.#steps.length > 0;
  }

  /** Why not all of it is done; undefined when it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Does a step now, or leaves it for {@link ready} where the store is slow or away. Rejects where it is not usable. */
  async at(step: () => Promise<unknown>): Promise<void> {
    if (this.#steps.length) {
      this.#steps.push(step);
      return;
    }
    const running = step();
    try {
      if (await this.#ends(running)) return;
      let begun: Promise<unknown> | undefined = running;
      this.#steps.push(() => {
        const first = begun;
        begun = undefined;
        return first ?? step();
      });
    } catch (error) {
      if (!isAway(error)) throw error;
      this.#problem = error.message;
      this.#steps.push(step);
    }
  }

  /** Whether it ends while a start may wait. Rejects as it does. */
  #ends(running: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const timer = this.clock?.after(PATIENCE_MS, () => resolve(false));
      running
        .then(
          () => resolve(true),
          (error: unknown) => reject(error),
        )
        .finally(() => timer?.[Symbol.dispose]());
    });
  }

  /** Resolves when all steps are done; tries what is left of them. */
  ready(): Promise<void> {
    if (!this.#steps.length) return Promise.resolve();
    this.#running ??= this.#rest().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #rest(): Promise<void> {
    for (let step = this.#steps[0]; step; step = this.#steps[0]) {
      try {
        await step();
      } catch (error) {
        this.#problem = error instanceof Error ? error.message : String(error);
        throw error;
      }
      this.#steps.shift();
    }
    this.#problem = undefined;
  }
}

/** Whether a store may come back by itself. */
const isAway = (error: unknown): error is ServerError =>
  error instanceof ServerError && error.retryable && error.code !== "storeFull";
