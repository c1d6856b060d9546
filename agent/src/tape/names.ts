import type { Series } from "./replies.js";

/** A door (address and port) or a question that was named on the tape. */
export interface Named {
  id: number;
  /** What the tape calls it, ready to be written. */
  text: Buffer;
  /** The block in which it stands; each block names what it speaks of, so that it can be read by itself. */
  block: number;
  /** Of a door: what was said there, by its question and whether it carried a login. */
  series: Map<number, Series>;
}

/** Names by two keys, up to a bound of their number. */
export class Names<B> {
  readonly #known = new Map<string, Map<B, Named>>();
  #next = 0;
  #size = 0;

  constructor(private readonly most: number) {}

  get isFull(): boolean {
    return this.#size >= this.most;
  }

  /** Both keys are looked up as they are: putting them together costs more than all else that is done for an exchange. */
  get(a: string, b: B): Named | undefined {
    return this.#known.get(a)?.get(b);
  }

  add(a: string, b: B, what: object): Named {
    const named = { id: this.#next++, text: Buffer.from(JSON.stringify(what)), block: -1, series: new Map() };
    const under = this.#known.get(a) ?? new Map<B, Named>();
    this.#known.set(a, under.set(b, named));
    this.#size++;
    return named;
  }

  /** What comes is named anew, under numbers of its own. */
  forget(): void {
    this.#known.clear();
    this.#size = 0;
  }
}
