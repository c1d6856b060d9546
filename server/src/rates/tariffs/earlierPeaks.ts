import type { Zone } from "@hashwatt/protocol/zone";
import { powerMeans } from "./bill.js";
import { billingPeriod } from "./billingPeriod.js";
import { highestMean } from "./demand.js";
import type { MaximumDemand, Tariff } from "./tariff.js";

/** Highest means by tariff and period, kW, in the order of the terms with a ratchet; undefined where nothing was measured. */
export type KnownPeaks = Map<string, (number | undefined)[]>;

/** The terms of a tariff that bill a share of earlier periods' peaks. */
export const ratchetTerms = ({ demand }: Tariff): MaximumDemand[] =>
  demand.flatMap((term) => (term.kind === "maximum" && term.ratchet ? [term] : []));

/**
 * The highest means of the billing periods before `startMs`, by the name of a term with a ratchet, oldest first: as many as the longest
 * ratchet looks back. A period is read once for a `known`. Undefined where no term has a ratchet. Rejects with what `energy` rejects.
 */
export async function earlierPeaks(
  tariff: Tariff,
  zone: Zone,
  startMs: number,
  energy: (fromMs: number, toMs: number) => Promise<Parameters<typeof powerMeans>[0]>,
  known: KnownPeaks,
): Promise<Map<string, (number | undefined)[]> | undefined> {
  const terms = ratchetTerms(tariff);
  if (!terms.length) return undefined;
  const earlier = new Map<string, (number | undefined)[]>(terms.map(({ name }) => [name, []]));
  const most = Math.max(...terms.map(({ ratchet }) => ratchet!.months));
  const holidays = new Set(tariff.holidays);
  for (let at = startMs, n = 0; n < most; n++) {
    const period = billingPeriod(zone, tariff.readingDay, at - 1);
    const key = `${tariff.id} ${period.startMs}`;
    let peaks = known.get(key);
    if (!peaks) {
      const parts = powerMeans(await energy(period.startMs, period.endMs));
      const data = { parts, toMs: period.endMs };
      peaks = terms.map((term) => highestMean(term, period, data, zone, holidays)?.peak.kw);
      known.set(key, peaks);
    }
    for (const [i, { name }] of terms.entries()) earlier.get(name)!.unshift(peaks[i]);
    at = period.startMs;
  }
  return earlier;
}
