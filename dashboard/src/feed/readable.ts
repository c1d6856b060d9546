import type { Stop } from "../time.js";

/** A value that can be read now and watched; the shape `useSyncExternalStore` wants. */
export interface Readable<T> {
  get(): T;
  subscribe(onChange: () => void): Stop;
}

/** Runs each given function once before the next paint, however often it was asked for. */
export type Flush = (run: () => void) => void;

/** Builds a {@link Flush} on `frame`; its queue holds each function at most once. */
export function flushOn(frame: (run: () => void) => unknown): Flush {
  const due = new Set<() => void>();
  let armed = false;
  return (run) => {
    due.add(run);
    if (armed) return;
    armed = true;
    frame(() => {
      armed = false;
      const runs = [...due];
      due.clear();
      for (const each of runs) each();
    });
  };
}

/** A settable Readable. A new value is readable at once; listeners hear of it with the next frame. */
export class Cell<T> implements Readable<T> {
  readonly #listeners = new Set<() => void>();
  readonly #flush: Flush;
  #value: T;

  constructor(value: T, flush: Flush) {
    this.#value = value;
    this.#flush = flush;
  }
  get = (): T => this.#value;
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    this.#flush(this.#notify);
  }
  subscribe = (onChange: () => void): Stop => {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  };
  #notify = (): void => {
    for (const listener of this.#listeners) listener();
  };
}
