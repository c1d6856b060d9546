/** Who wants to know when what lets somebody in is over: a session, a token, or that nobody is asked. */
export class Endings {
  readonly #watchers = new Map<string, Set<() => void>>();

  /** Calls `over` when `key` ends, until disposed. */
  watch(key: string, over: () => void): Disposable {
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(over));
    return {
      [Symbol.dispose]: () => {
        watchers.delete(over);
        if (!watchers.size && this.#watchers.get(key) === watchers) this.#watchers.delete(key);
      },
    };
  }

  /** It is over: tells everybody, once. */
  end(key: string): void {
    const watchers = this.#watchers.get(key);
    this.#watchers.delete(key);
    for (const over of watchers ?? []) over();
  }
}
