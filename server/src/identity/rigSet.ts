/**
 * A set of rigs by their numbers, in the order in which they were put in: one mark each, where a `Set` looks for its place in a table of
 * hundreds of kilobytes. Made to be filled by each reading and emptied at once.
 */
export class RigSet implements Iterable<number> {
  #marks = new Uint8Array(64);
  readonly #rigs: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(rig: number): boolean {
    return this.#marks[rig] === 1;
  }

  /** Puts in a rig; `rig` is a natural number. */
  add(rig: number): void {
    if (rig >= this.#marks.length) this.#grow(rig + 1);
    if (this.#marks[rig] === 1) return;
    this.#marks[rig] = 1;
    this.#rigs[this.#size++] = rig;
  }

  clear(): void {
    for (const rig of this) this.#marks[rig] = 0;
    this.#size = 0;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let i = 0; i < this.#size; i++) yield this.#rigs[i]!;
  }

  #grow(rigs: number): void {
    const marks = new Uint8Array(Math.ceil(rigs * 1.5));
    marks.set(this.#marks);
    this.#marks = marks;
  }
}
