import { ServerError } from "./error.js";

/**
 * What a start takes up from the telemetry store, step by step. A store that is away is no reason not to start: what could not
 * be done is done when it is back, and before anything is stored in it.
 */
export class TakeUp {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #running: Promise<void> | undefined;
  #problem: string | undefined;

  /** Why not all of it is done; undefined when it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Does a step now, or leaves it for {@link ready} where the store is away. Rejects where the store is not usable. */
  async at(step: () => Promise<unknown>): Promise<void> {
    if (!this.#steps.length)
      try {
        await step();
        return;
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#problem = error.message;
      }
    this.#steps.push(step);
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
