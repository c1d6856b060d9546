import type { Zone } from "@hashwatt/protocol/zone";
import type { BillingPeriod } from "./billingPeriod.js";
import { dayKind, fits, type LocalTimes } from "./hours.js";
import type { DemandTerm, MaximumDemand } from "./tariff.js";

const MINUTE_MS = 60_000;

/** Mean power over a stretch of time, kW. */
export interface PowerMean {
  startMs: number;
  endMs: number;
  kw: number;
  /** A part of it was not measured: the true mean is this or more. */
  atLeast?: true;
}

/** What a demand term comes to in one billing period. */
export interface DemandCharge {
  name: string;
  /** What is billed: kW, or kVA where a power factor or a contract says so. */
  billed: number;
  unit: "kW" | "kVA";
  amount: number;
  /** The stretch that made it, where it was a mean of this period. */
  peak?: PowerMean;
  /** Percent of an earlier period's that was billed in its place. */
  ratcheted?: boolean;
  /** A stretch that counts was not measured as a whole, and may have been higher. */
  atLeast?: true;
}

/** What is known of the power in a billing period. */
export interface DemandData {
  /** Mean powers by start without overlap, each at most as long as a term's minutes. */
  parts: readonly PowerMean[];
  /** Up to when there could be any: the end of the period, or now. */
  toMs: number;
  /** The highest means of the periods before, oldest first; undefined where one is unknown. */
  earlierKw?: readonly (number | undefined)[];
}

/**
 * Means over the clock's own stretches of `minutes`, from shorter ones that do not overlap. Of a stretch that is not covered as a whole
 * the mean is what is known of its energy over all of its time, and `atLeast`.
 */
export function meansOver(parts: readonly PowerMean[], minutes: number): PowerMean[] {
  const widthMs = minutes * MINUTE_MS;
  const means: PowerMean[] = [];
  let startMs = Number.NaN;
  let coveredMs = 0;
  let kwMs = 0;
  let isWhole = true;
  const close = () => {
    if (coveredMs > 0)
      means.push({
        startMs,
        endMs: startMs + widthMs,
        kw: kwMs / widthMs,
        ...((coveredMs < widthMs || !isWhole) && { atLeast: true }),
      });
    coveredMs = 0;
    kwMs = 0;
    isWhole = true;
  };
  for (const part of [...parts].sort((a, b) => a.startMs - b.startMs))
    for (let at = part.startMs; at < part.endMs; ) {
      const own = Math.floor(at / widthMs) * widthMs;
      if (own !== startMs) {
        close();
        startMs = own;
      }
      const end = Math.min(part.endMs, own + widthMs);
      coveredMs += end - at;
      kwMs += part.kw * (end - at);
      if (part.atLeast) isWhole = false;
      at = end;
    }
  close();
  return means;
}

/** Whether a stretch lies in `times` as a whole, judged by its first and its last minute. */
function isInside(
  times: LocalTimes,
  mean: { startMs: number; endMs: number },
  zone: Zone,
  holidays: ReadonlySet<string>,
): boolean {
  return [mean.startMs, mean.endMs - MINUTE_MS].every((ms) => {
    const wall = zone.wall(ms);
    return fits(times, wall, dayKind(wall, holidays));
  });
}

/**
 * The highest mean of a term's stretches within a period; `atLeast` where one of those that are over was not measured as a whole.
 * Undefined where nothing was measured.
 */
export function highestMean(
  term: MaximumDemand,
  period: Pick<BillingPeriod, "startMs" | "endMs">,
  { parts, toMs }: DemandData,
  zone: Zone,
  holidays: ReadonlySet<string>,
): { peak: PowerMean; atLeast: boolean } | undefined {
  const widthMs = term.minutes * MINUTE_MS;
  const endMs = Math.min(period.endMs, toMs);
  const within = parts.filter((part) => part.startMs >= period.startMs && part.endMs <= endMs);
  const means = new Map(meansOver(within, term.minutes).map((mean) => [mean.startMs, mean]));
  let peak: PowerMean | undefined;
  let atLeast = false;
  for (let at = Math.ceil(period.startMs / widthMs) * widthMs; at + widthMs <= endMs; at += widthMs) {
    const mean = means.get(at);
    if (mean && !mean.atLeast && peak && mean.kw <= peak.kw) continue;
    if (!isInside(term, { startMs: at, endMs: at + widthMs }, zone, holidays)) continue;
    if (!mean || mean.atLeast) atLeast = true;
    if (mean && (!peak || mean.kw > peak.kw)) peak = mean;
  }
  return peak && { peak, atLeast };
}

function maximumCharge(
  term: MaximumDemand,
  period: BillingPeriod,
  data: DemandData,
  zone: Zone,
  holidays: ReadonlySet<string>,
): DemandCharge | undefined {
  const highest = highestMean(term, period, data, zone, holidays);
  const earlier = term.ratchet ? (data.earlierKw ?? []).slice(-term.ratchet.months) : [];
  const least = (Math.max(0, ...earlier.map((kw) => kw ?? 0)) * (term.ratchet?.percent ?? 0)) / 100;
  if (!highest && least === 0) return undefined;
  const isRatcheted = highest === undefined || least > highest.peak.kw;
  const kw = isRatcheted ? least : highest!.peak.kw;
  const billed = kw / (term.powerFactor ?? 1);
  // An earlier period that nobody knows may have been higher too.
  const atLeast = highest === undefined || highest.atLeast || earlier.includes(undefined);
  return {
    name: term.name,
    billed,
    unit: term.powerFactor === undefined ? "kW" : "kVA",
    amount: billed * term.perKw,
    ...(highest && !isRatcheted && { peak: highest.peak }),
    ...(isRatcheted && { ratcheted: true }),
    ...(atLeast && { atLeast }),
  };
}

/** What a demand term comes to in a billing period. Undefined where nothing of it is known. */
export function demandCharge(
  term: DemandTerm,
  period: BillingPeriod,
  data: DemandData,
  zone: Zone,
  holidays: ReadonlySet<string>,
): DemandCharge | undefined {
  switch (term.kind) {
    case "contracted":
      return { name: term.name, billed: term.kva, unit: "kVA", amount: term.kva * term.perKva };
    case "maximum":
      return maximumCharge(term, period, data, zone, holidays);
    case "coincident": {
      const kw: number[] = [];
      for (const { start, minutes } of term.peaks) {
        const fromMs = Date.parse(start);
        const toMs = fromMs + minutes * MINUTE_MS;
        let [coveredMs, kwMs] = [0, 0];
        for (const part of data.parts) {
          const ms = Math.min(part.endMs, toMs) - Math.max(part.startMs, fromMs);
          if (ms <= 0 || part.atLeast) continue;
          coveredMs += ms;
          kwMs += part.kw * ms;
        }
        // A peak of which a part is unknown makes the whole charge unknown.
        if (coveredMs < toMs - fromMs) return undefined;
        kw.push(kwMs / coveredMs);
      }
      const billed = kw.reduce((sum, value) => sum + value, 0) / kw.length;
      return { name: term.name, billed, unit: "kW", amount: billed * term.perKwMonth };
    }
  }
}
