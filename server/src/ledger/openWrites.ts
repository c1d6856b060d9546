/** Counts what is being written, for who must not look before it is there. */
export class OpenWrites {
  #open = 0;
  /** How many have begun since the start. */
  begun = 0;
  readonly #waiting: (() => void)[] = [];

  /** Runs a write. */
  async during(write: () => Promise<void>): Promise<void> {
    this.#open++;
    this.begun++;
    try {
      await write();
    } finally {
      this.#open--;
      if (this.#open === 0) for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** Resolves when none runs, with how many have begun by then. */
  async ended(): Promise<number> {
    while (this.#open > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.begun;
  }
}
