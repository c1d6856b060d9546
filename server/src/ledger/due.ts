import { z } from "zod";
import { HOUR_MS, hourOf } from "../rollup/row.js";
import { DirtyRanges } from "../store/dirtyRanges.js";

const savedSchema = z.record(
  z.string(),
  z.object({
    data: z.array(z.tuple([z.number(), z.number()])),
    rates: z.array(z.tuple([z.number(), z.number()])),
  }),
);

const endOf = (ms: number): number => Math.ceil(ms / HOUR_MS) * HOUR_MS;

/** Hours of one site that are to be priced anew. */
export interface DueHours {
  /** Their readings have changed. */
  data: DirtyRanges;
  /** A rate may have changed: they are looked at, and priced where it has. */
  rates: DirtyRanges;
}

/** Hours of one site that are at work, out of what waits. */
export interface BusyHours {
  site: string;
  what: keyof DueHours;
  fromMs: number;
  toMs: number;
}

/** Hours that wait to be priced, by site. Bounded; what is noted is a superset of what was put in. */
export class Due {
  readonly #sites = new Map<string, DueHours>();
  /** Grows with every note that was not there before. */
  noted = 0;

  of(site: string): DueHours {
    let due = this.#sites.get(site);
    if (!due) {
      due = { data: new DirtyRanges(HOUR_MS), rates: new DirtyRanges(HOUR_MS) };
      this.#sites.set(site, due);
    }
    return due;
  }

  /** Notes the hours that a range touches. */
  add(site: string, what: keyof DueHours, fromMs: number, toMs: number): void {
    const [from, to] = [hourOf(fromMs), endOf(toMs)];
    const ranges = this.of(site)[what];
    for (let at = from; at < to; at += HOUR_MS)
      if (!ranges.has(at)) {
        ranges.add(from, to);
        this.noted++;
        return;
      }
  }

  /** Takes back the oldest hours, of which nothing is left to price from. */
  dropBefore(site: string, beforeMs: number): void {
    const due = this.#sites.get(site);
    due?.data.dropBefore(beforeMs);
    due?.rates.dropBefore(beforeMs);
  }

  /** Hours that wait. */
  get size(): number {
    let hours = 0;
    for (const { data, rates } of this.#sites.values()) hours += data.size + rates.size;
    return hours;
  }

  /** What waits, and what is being done: `busy`. */
  text(busy?: BusyHours): string {
    const saved: z.infer<typeof savedSchema> = {};
    for (const [site, { data, rates }] of this.#sites)
      if (data.size + rates.size > 0) saved[site] = { data: data.ranges, rates: rates.ranges };
    if (busy) {
      const held = saved[busy.site] ?? { data: [], rates: [] };
      saved[busy.site] = held;
      held[busy.what].push([busy.fromMs, busy.toMs]);
    }
    return JSON.stringify(saved);
  }

  /** Takes up what {@link text} gave; false where it cannot be read, so that everything must be looked at. */
  restore(text: string): boolean {
    const parsed = savedSchema.safeParse(tryJson(text));
    for (const [site, ranges] of Object.entries(parsed.data ?? {})) {
      const due = this.of(site);
      for (const range of ranges.data) due.data.add(...range);
      for (const range of ranges.rates) due.rates.add(...range);
    }
    return parsed.success;
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A text that is none is told by the answer.
    return undefined;
  }
}
