/** Runs work at most `most` at a time, in the order in which it was given; what is given waits for its turn. */
export class InTurn {
  #under = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#under >= this.most) await new Promise<void>((turn) => this.#waiting.push(turn));
    else this.#under++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#under--;
    }
  }
}
