import type { Availability } from "@hashwatt/protocol/availability";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { Sites } from "../sites.js";
import type { Availabilities } from "./availabilities.js";

const DAY_MS = 86_400_000;
const EVERY_MS = 1_800_000;
/** What was added up so long ago is no longer the last day. */
const OLD_MS = 2 * EVERY_MS;

/** What it works with. */
export interface LastDaysParts {
  availability: Pick<Availabilities, "ofSite">;
  sites: Pick<Sites, "all">;
  clock: Clock;
  log: Logger;
}

/** The last day of every site, added up each half hour, for daily summaries to tell at once. */
export class LastDays implements Disposable {
  readonly #days = new Map<string, { atMs: number; day: Availability }>();
  readonly #timer: Disposable;
  readonly #parts: LastDaysParts;

  constructor(parts: LastDaysParts) {
    this.#parts = parts;
    this.#timer = parts.clock.every(EVERY_MS, () => void this.look());
  }

  /** Undefined where it is not known. */
  of(site: string): Availability | undefined {
    const known = this.#days.get(site);
    return known && this.#parts.clock.nowMs() - known.atMs <= OLD_MS ? known.day : undefined;
  }

  /** Adds up the last day of every site; never rejects. */
  async look(): Promise<void> {
    const { availability, sites, clock, log } = this.#parts;
    for (const { site } of [...sites.all()]) {
      const toMs = clock.nowMs();
      try {
        this.#days.set(site, {
          atMs: toMs,
          day: await availability.ofSite(site, { fromMs: toMs - DAY_MS, toMs }, toMs),
        });
      } catch (error) {
        log.warn({ err: error, site }, "availability of the last day not added up");
      }
    }
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
