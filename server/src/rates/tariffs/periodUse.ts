import { Zone } from "@hashwatt/protocol/zone";
import type { SiteRecord } from "../../store/state/state.js";
import type { TimeRange } from "../slot.js";
import type { EnergyInterval } from "./bill.js";
import { billingPeriod } from "./billingPeriod.js";
import type { UsedEnergy } from "./energyPrice.js";

const HOUR_MS = 3_600_000;
/** So far before a period the highest power is looked for that a gap at its beginning may have had. */
const BEFORE_MS = 7 * 86_400_000;
/** An hour is written a moment after its end. */
const SETTLED_MS = 120_000;
/** What is held is read again so often at most: later samples may have come, for so long after the end of a period. */
const REREAD_MS = 3_600_000;
const LATE_MS = 31 * 86_400_000;
/** A store that gave no answer is left alone for so long. */
const AGAIN_MS = 60_000;
/** Periods held, about 12 kB each; the one asked for longest ago makes room. */
const MAX_PERIODS = 200;

/** What a period is read with. */
export interface PeriodUseParts {
  /** Energy of a site by the hour. */
  energy(site: string, range: TimeRange): Promise<readonly EnergyInterval[]>;
  clock: { nowMs(): number };
  /** Hears that what was used over a range is known otherwise than before. */
  changed(site: string, range: TimeRange): void;
  failed(error: unknown): void;
}

/** kWh and unknown time at each full hour since a period began. */
interface Held {
  fromMs: number;
  /** Up to here hours were read. */
  toMs: number;
  kwh: Float64Array;
  gapHours: Float64Array;
  /** When the period begins, which in some zones is within an hour. */
  startMs: number;
  /** Highest mean of an hour; undefined where none is known. */
  mostKw: number | undefined;
  readMs: number;
}

/**
 * How much energy sites have drawn since their billing period began, for prices that rest on it. A period is read when it is first
 * asked for: until then it is unknown, and `changed` says when it is not any more.
 */
export class PeriodUse {
  readonly #parts: PeriodUseParts;
  readonly #held = new Map<string, Held>();
  readonly #reading = new Map<string, Promise<void>>();
  #failedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: PeriodUseParts) {
    this.#parts = parts;
  }

  /** What was used before `atMs` of the billing period that it lies in; undefined while it is not known. */
  used(site: Pick<SiteRecord, "site" | "zone">, readingDay: number, atMs: number): UsedEnergy | undefined {
    const period = billingPeriod(Zone.of(site.zone), readingDay, atMs);
    if (atMs === period.startMs) return { atLeastKwh: 0, atMostKwh: 0 };
    const key = `${site.site} ${period.startMs}`;
    const held = this.#held.get(key);
    const nowMs = this.#parts.clock.nowMs();
    const knownTo = Math.floor(Math.min(nowMs - SETTLED_MS, period.endMs) / HOUR_MS) * HOUR_MS;
    const isOld = held && nowMs < period.endMs + LATE_MS && nowMs - held.readMs > REREAD_MS;
    if ((!held || held.toMs < knownTo || isOld) && nowMs - this.#failedMs > AGAIN_MS)
      void this.read(site.site, period, knownTo);
    if (!held) return undefined;
    this.#held.delete(key);
    this.#held.set(key, held);
    return usedAt(held, atMs);
  }

  /** Reads a period up to a full hour. Joins who is doing that. */
  read(site: string, period: { startMs: number; endMs: number }, toMs: number): Promise<void> {
    const key = `${site} ${period.startMs}`;
    const running = this.#reading.get(key);
    if (running) return running;
    const reading = this.#read(key, site, period, toMs)
      .catch((error) => {
        this.#failedMs = this.#parts.clock.nowMs();
        this.#parts.failed(error);
      })
      .finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  async #read(
    key: string,
    site: string,
    { startMs, endMs }: { startMs: number; endMs: number },
    toMs: number,
  ): Promise<void> {
    const intervals = await this.#parts.energy(site, { fromMs: startMs - BEFORE_MS, toMs });
    const before = this.#held.get(key);
    const firstMs = Math.floor(startMs / HOUR_MS) * HOUR_MS;
    const hours = Math.max(0, Math.round((toMs - firstMs) / HOUR_MS));
    const kwh = new Float64Array(hours + 1);
    const gapHours = new Float64Array(hours + 1).fill(1, 1);
    let mostKw: number | undefined;
    for (const each of intervals) {
      const kw = each.kwh / ((each.coverage * (each.endMs - each.startMs)) / HOUR_MS);
      mostKw = Math.max(mostKw ?? 0, kw);
      const at = Math.round((each.startMs - firstMs) / HOUR_MS);
      if (at < 0 || at >= hours) continue;
      kwh[at + 1] = each.kwh;
      gapHours[at + 1] = 1 - each.coverage;
    }
    for (let at = 1; at <= hours; at++) {
      kwh[at] = kwh[at]! + kwh[at - 1]!;
      gapHours[at] = gapHours[at]! + gapHours[at - 1]!;
    }
    this.#held.delete(key);
    const held = { fromMs: firstMs, toMs, kwh, gapHours, startMs, mostKw, readMs: this.#parts.clock.nowMs() };
    this.#held.set(key, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MAX_PERIODS) break;
      this.#held.delete(oldest);
    }
    const fromMs = before ? firstChange(before, held) : startMs;
    if (fromMs !== undefined) this.#parts.changed(site, { fromMs, toMs: endMs });
  }
}

/** The first hour whose use is known otherwise than before; undefined where none is. */
function firstChange(before: Held, after: Held): number | undefined {
  const hours = Math.min(before.kwh.length, after.kwh.length);
  for (let at = 0; at < hours; at++)
    if (before.kwh[at] !== after.kwh[at] || before.gapHours[at] !== after.gapHours[at])
      return Math.max(after.startMs, after.fromMs + (at - 1) * HOUR_MS);
  return before.toMs === after.toMs && before.mostKw === after.mostKw ? undefined : before.toMs;
}

/** Between full hours what was used grows evenly; beyond the last one it is at most what the highest power makes of it. */
function usedAt(held: Held, atMs: number): UsedEnergy | undefined {
  const { toMs, startMs, mostKw } = held;
  const atLeastKwh = sumAt(held.kwh, held, atMs) - sumAt(held.kwh, held, startMs);
  const unread = Math.max(0, atMs - Math.max(toMs, startMs)) / HOUR_MS;
  const gap = sumAt(held.gapHours, held, atMs) - sumAt(held.gapHours, held, startMs) + unread;
  if (gap <= 0) return { atLeastKwh, atMostKwh: atLeastKwh };
  return mostKw === undefined ? undefined : { atLeastKwh, atMostKwh: atLeastKwh + gap * mostKw };
}

function sumAt(sums: Float64Array, { fromMs, toMs }: Held, atMs: number): number {
  const hour = Math.max(0, Math.min(sums.length - 1, (Math.min(atMs, toMs) - fromMs) / HOUR_MS));
  const low = Math.floor(hour);
  const next = sums[Math.min(low + 1, sums.length - 1)]!;
  return sums[low]! + (hour - low) * (next - sums[low]!);
}
