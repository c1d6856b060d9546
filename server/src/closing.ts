import type { Clock } from "@hashwatt/protocol/time";

/** What has been opened, and how to close it: in reverse order, every one, whatever fails. */
export class Closing {
  readonly #steps: (() => unknown)[] = [];

  /** Adds what closes the thing just opened. */
  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Adds what can be closed itself, and gives it back. */
  own<T extends { close(): unknown } | undefined>(part: T): T {
    this.add(() => part?.close());
    return part;
  }

  /** Runs something every `ms` until closed. */
  every(clock: Pick<Clock, "every">, ms: number, run: () => void): void {
    const timer = clock.every(ms, run);
    this.add(() => timer[Symbol.dispose]());
  }

  /** Closes everything, last first. Rejects with the first failure after all are closed; a second call does nothing. */
  async close(): Promise<void> {
    let failure: { error: unknown } | undefined;
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
  }
}
