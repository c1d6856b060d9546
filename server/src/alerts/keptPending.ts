import { checked } from "@hashwatt/protocol/checked";
import { z } from "zod";

/** Only a breach that was seen so shortly before goes on over a restart. */
const GOES_ON_MS = 600_000;
/** What more would be kept begins anew after a restart. */
const MAX_KEPT = 20_000;

/** A breach that nobody was told of yet: of whom, by which rule, since when, in how many readings, and when it was last seen. */
export type Pending = [
  key: string | number,
  rule: string,
  pendingMs: number,
  samples: number,
  seenMs: number,
];

const schema = z
  .array(z.tuple([z.union([z.string(), z.number()]), z.string(), z.number(), z.number(), z.number()]))
  .max(MAX_KEPT);

/** Breaches as text that outlives a process. */
export const pendingText = (pending: Iterable<Pending>): string =>
  JSON.stringify([...pending].slice(0, MAX_KEPT));

/** The breaches of such a text; none of one that is damaged, so that they begin anew. */
export function parsePending(text: string): Pending[] {
  try {
    const told = checked(schema, JSON.parse(text));
    return told.success ? told.data : [];
  } catch {
    return [];
  }
}

/** Breaches of before a restart, until each is seen again or seen to be over. */
export class KeptPending {
  readonly #kept = new Map<string, Pending>();
  #untilMs = Number.NEGATIVE_INFINITY;

  put(pending: Pending): void {
    this.#kept.set(nameOf(pending[0], pending[1]), pending);
    this.#untilMs = Math.max(this.#untilMs, pending[4] + GOES_ON_MS);
  }

  /** The breach that goes on now; undefined where there is none. */
  take(key: string | number, rule: string, nowMs: number): Pending | undefined {
    if (!this.#kept.size) return undefined;
    if (nowMs > this.#untilMs) {
      this.#kept.clear();
      return undefined;
    }
    const name = nameOf(key, rule);
    const found = this.#kept.get(name);
    this.#kept.delete(name);
    return found && nowMs - found[4] <= GOES_ON_MS ? found : undefined;
  }

  /** It is over. */
  forget(key: string | number, rule: string): void {
    if (this.#kept.size) this.#kept.delete(nameOf(key, rule));
  }
}

const nameOf = (key: string | number, rule: string): string => `${key} ${rule}`;
