/** FNV-1a over UTF-16 units with a final avalanche, so that "rig 1" and "rig 2" start far apart. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in [0, 1) that belongs to this key and this count or moment: the same whenever it is asked for. */
export function chance(key: number, count: number): number {
  let hash = Math.imul(key ^ Math.floor(count), 0x9e3779b1) ^ Math.floor(count / 2 ** 32);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/**
 * A seeded source of chance (mulberry32): four bytes of state, because ten thousand rigs have one each.
 * Not for secrets.
 */
export class Random {
  #state: number;

  /** The same words give the same sequence: `new Random("42", "rig", 7)`. */
  constructor(...seed: (string | number)[]) {
    this.#state = hashText(seed.join("/"));
  }

  /** Another source that goes on from here with the same chances. */
  copy(): Random {
    const copy = new Random();
    copy.#state = this.#state;
    return copy;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number in [0, count). */
  index(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal (Box-Muller, one of the pair, so that a state is four bytes and no more). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Normal with standard deviation `sd`, cut off at ±`limit`. */
  spread(sd: number, limit: number): number {
    return Math.max(-limit, Math.min(limit, this.normal() * sd));
  }

  /** How often something with the expected count `mean` happened. */
  poisson(mean: number): number {
    if (mean <= 0) return 0;
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const floor = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > floor; product *= this.uniform()) count++;
    return count;
  }

  /** A copy in random order (Fisher-Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.index(i + 1);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  }

  /** `length` hexadecimal digits. */
  hex(length: number): string {
    let text = "";
    while (text.length < length) text += this.index(16).toString(16);
    return text;
  }
}
