/** A range of a site's time and what was worked out of it. */
interface Held<T> {
  site: string;
  fromMs: number;
  toMs: number;
  value: T;
}

/**
 * What was worked out of ranges of sites' time, until something touches them. Holds `most` of them: the one that was asked for
 * longest ago goes first.
 */
export class RangeCache<T> {
  readonly #held = new Map<string, Held<T>>();
  readonly #touches = new Map<string, number>();
  readonly #making = new Map<string, Promise<readonly T[]>>();

  constructor(private readonly most: number) {}

  /** One range. */
  async one(site: string, fromMs: number, toMs: number, make: () => Promise<T>): Promise<T> {
    const [value] = await this.parts(site, fromMs, toMs, toMs - fromMs, async () => [await make()]);
    return value!;
  }

  /**
   * A range in parts of one length, by start. `make` works out those of a run that is not held, in order. What a range was made of
   * while it was touched is answered, and not held.
   */
  async parts(
    site: string,
    fromMs: number,
    toMs: number,
    partMs: number,
    make: (fromMs: number, toMs: number) => Promise<readonly T[]>,
  ): Promise<T[]> {
    const values: (T | undefined)[] = [];
    const runs: [number, number][] = [];
    for (let at = fromMs; at < toMs; at += partMs) {
      const held = this.#taken(keyOf(site, at, at + partMs));
      values.push(held?.value);
      if (held) continue;
      const last = runs.at(-1);
      if (last?.[1] === at) last[1] = at + partMs;
      else runs.push([at, at + partMs]);
    }
    await Promise.all(
      runs.map(async ([startMs, endMs]) => {
        const made = await this.#made(site, startMs, endMs, partMs, make);
        for (const [i, value] of made.entries()) values[(startMs - fromMs) / partMs + i] = value;
      }),
    );
    return values as T[];
  }

  /** What lies in the range is to be worked out anew. */
  touched(site: string, fromMs: number, toMs: number): void {
    this.#touches.set(site, (this.#touches.get(site) ?? 0) + 1);
    for (const [key, held] of this.#held)
      if (held.site === site && held.fromMs < toMs && held.toMs > fromMs) this.#held.delete(key);
  }

  #taken(key: string): Held<T> | undefined {
    const held = this.#held.get(key);
    if (!held) return undefined;
    this.#held.delete(key);
    this.#held.set(key, held);
    return held;
  }

  /** Those who ask at once wait for one answer, unless the site was touched in between. */
  async #made(
    site: string,
    fromMs: number,
    toMs: number,
    partMs: number,
    make: (fromMs: number, toMs: number) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const touches = this.#touches.get(site);
    const key = `${touches} ${partMs} ${keyOf(site, fromMs, toMs)}`;
    const begun = this.#making.get(key);
    if (begun) return begun;
    const making = make(fromMs, toMs);
    this.#making.set(key, making);
    try {
      const made = await making;
      if (this.#touches.get(site) === touches) this.#hold(site, fromMs, partMs, made);
      return made;
    } finally {
      this.#making.delete(key);
    }
  }

  #hold(site: string, fromMs: number, partMs: number, made: readonly T[]): void {
    for (const [i, value] of made.entries()) {
      const startMs = fromMs + i * partMs;
      const endMs = startMs + partMs;
      this.#held.set(keyOf(site, startMs, endMs), { site, fromMs: startMs, toMs: endMs, value });
    }
    for (const key of this.#held.keys()) {
      if (this.#held.size <= this.most) break;
      this.#held.delete(key);
    }
  }
}

const keyOf = (site: string, fromMs: number, toMs: number): string => `${fromMs} ${toMs} ${site}`;
