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
}

/**
 * Means over the clock's own stretches of `minutes`, from shorter ones that do not overlap. A stretch that is not covered as a
 * whole has no mean: who knows half of it does not know it.
 */
export function meansOver(parts: readonly PowerMean[], minutes: number): PowerMean[] {
  const widthMs = minutes * MINUTE_MS;
  const means: PowerMean[] = [];
  let startMs = Number.NaN;
  let coveredMs = 0;
  let kwMs = 0;
  const close = () => {
    if (coveredMs === widthMs) means.push({ startMs, endMs: startMs + widthMs, kw: kwMs / widthMs });
    coveredMs = 0;
    kwMs = 0;
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
      at = end;
    }
  close();
  return means;
}

/** Whether a stretch lies in `times` as a whole, judged by its first and its last minute. */
function isInside(times: LocalTimes, mean: PowerMean, zone: Zone, holidays: ReadonlySet<string>): boolean {
  return [mean.startMs, mean.endMs - MINUTE_MS].every((ms) => {
    const wall = zone.wall(ms);
    return fits(times, wall, dayKind(wall, holidays));
  });
}

function maximumCharge(
  term: MaximumDemand,
  parts: readonly PowerMean[],
  zone: Zone,
  holidays: ReadonlySet<string>,
  earlierKw: readonly number[],
): DemandCharge | undefined {
  let peak: PowerMean | undefined;
  for (const mean of meansOver(parts, term.minutes))
    if ((peak === undefined || mean.kw > peak.kw) && isInside(term, mean, zone, holidays)) peak = mean;
  const least = term.ratchet
    ? (Math.max(0, ...earlierKw.slice(-term.ratchet.months)) * term.ratchet.percent) / 100
    : 0;
  if (!peak && least === 0) return undefined;
  const isRatcheted = peak === undefined || least > peak.kw;
  const kw = isRatcheted ? least : peak!.kw;
  const billed = kw / (term.powerFactor ?? 1);
  return {
    name: term.name,
    billed,
    unit: term.powerFactor === undefined ? "kW" : "kVA",
    amount: billed * term.perKw,
    ...(peak && !isRatcheted && { peak }),
    ...(isRatcheted && { ratcheted: true }),
  };
}

/**
 * What a demand term comes to in a billing period. `parts` are the mean powers that are known of it, 15 minutes or shorter for a term
 * of 15 minutes; `earlierKw` the highest means of the periods before, oldest first. Undefined where nothing of it is known.
 */
export function demandCharge(
  term: DemandTerm,
  period: BillingPeriod,
  parts: readonly PowerMean[],
  zone: Zone,
  holidays: ReadonlySet<string>,
  earlierKw: readonly number[] = [],
): DemandCharge | undefined {
  switch (term.kind) {
    case "contracted":
      return { name: term.name, billed: term.kva, unit: "kVA", amount: term.kva * term.perKva };
    case "maximum":
      return maximumCharge(
        term,
        parts.filter((part) => part.startMs >= period.startMs && part.endMs <= period.endMs),
        zone,
        holidays,
        earlierKw,
      );
    case "coincident": {
      const kw: number[] = [];
      for (const { start, minutes } of term.peaks) {
        const fromMs = Date.parse(start);
        const toMs = fromMs + minutes * MINUTE_MS;
        let [coveredMs, kwMs] = [0, 0];
        for (const part of parts) {
          const ms = Math.min(part.endMs, toMs) - Math.max(part.startMs, fromMs);
          if (ms <= 0) continue;
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
