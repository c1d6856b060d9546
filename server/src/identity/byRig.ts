/**
 * What is kept for each rig, as a `Map` by its number keeps it. Rigs are numbered from 1 on, so that a list does: 10,000 of them take
 * 80 kB where a map takes 460, of which a server has several. Goes through them by their numbers.
 */
export class ByRig<T> {
  readonly #list: (T | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(rig: number): T | undefined {
    return this.#list[rig];
  }

  set(rig: number, value: T): void {
    if (this.#list[rig] === undefined) this.#size++;
    this.#list[rig] = value;
  }

  /** False where nothing was kept. */
  delete(rig: number): boolean {
    if (this.#list[rig] === undefined) return false;
    this.#list[rig] = undefined;
    this.#size--;
    return true;
  }

  clear(): void {
    this.#list.length = 0;
    this.#size = 0;
  }

  *keys(): IterableIterator<number> {
    for (const [rig] of this) yield rig;
  }

  *values(): IterableIterator<T> {
    for (const value of this.#list) if (value !== undefined) yield value;
  }

  *[Symbol.iterator](): IterableIterator<[rig: number, value: T]> {
    for (let rig = 0; rig < this.#list.length; rig++) {
      const value = this.#list[rig];
      if (value !== undefined) yield [rig, value];
    }
  }
}
