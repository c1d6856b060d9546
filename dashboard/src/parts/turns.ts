/** Work that is done one after the other, in the order in which it came. What fails stops nothing that comes after it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #open = 0;

  /** Whether nothing is under way and nothing waits. */
  get idle(): boolean {
    return this.#open === 0;
  }

  /** Does `work` once all that came before is through; settles as it does. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    this.#open++;
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#open--;
    }
  }
}
