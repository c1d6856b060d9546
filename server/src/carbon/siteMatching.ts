import type { Matching } from "@hashwatt/protocol/matching";
import { isLoadKnown, matchingScore, matchLoad } from "../economics/matching.js";
import type { Feeders } from "../metering/feeders.js";
import { needsLoad } from "../rates/carbon/needsLoad.js";
import type { Rates } from "../rates/rates.js";
import { HOUR_MS } from "../rollup/row.js";
import type { StateStore } from "../store/state/state.js";

/** Sums of an hour before its rows. */
const NOTHING = { kwh: 0, coveredMs: 0, powerCoveredMs: 0 };

interface MatchingQuery {
  site: string;
  fromMs: number;
  toMs: number;
}

/**
 * Sets each hour's energy against what contracts supplied in it; what exceeds the load of an hour is nobody's. The energy is that of the
 * site's meters where they cover the hour, else that at the plugs. Whole hours of the range only; an hour without any energy known is left
 * out, and one without meters of which too few of the rigs that answered told their power counts as unknown where something is supplied
 * whatever is drawn.
 */
export async function siteMatching(
  { site, fromMs, toMs }: MatchingQuery,
  rates: Pick<Rates, "supplies" | "terms">,
  state: Pick<StateStore, "siteRollups">,
  feeders?: Pick<Feeders, "power">,
): Promise<Matching> {
  const range = { fromMs: Math.ceil(fromMs / HOUR_MS) * HOUR_MS, toMs: Math.floor(toMs / HOUR_MS) * HOUR_MS };
  const loads = range.toMs > range.fromMs ? await loadsOf({ site, ...range }, state, feeders) : [];
  const used = new Map<string, number>();
  const [matchedOf, suppliedOf]: [number[], number[]] = [[], []];
  let unknownHours = 0;
  let loadKwh = 0;
  for (const { startMs, kwh, isKnown } of loads) {
    const hour = { fromMs: startMs, toMs: startMs + HOUR_MS };
    const supplies = rates.supplies(site, hour, kwh);
    loadKwh += kwh;
    if (!supplies || (!isKnown && needsLoad(rates, site, hour))) {
      unknownHours++;
      continue;
    }
    matchedOf.push(kwh);
    suppliedOf.push(supplies.reduce((sum, each) => sum + Math.max(0, each.kwh), 0));
    for (const part of matchLoad(kwh, supplies, 0).parts)
      used.set(part.id, (used.get(part.id) ?? 0) + part.kwh);
  }
  const score = matchingScore(matchedOf, suppliedOf);
  return {
    site,
    ...range,
    hourly: score?.hourly ?? null,
    annual: score?.annual ?? null,
    loadKwh,
    unmatchedKwh: score?.unmatchedKwh ?? null,
    hours: loads.length,
    unknownHours,
    contracts: (rates.terms(site).contracts ?? []).map((contract) => ({
      id: contract.id,
      name: contract.name,
      kind: contract.kind,
      kgPerKwh: contract.kgPerKwh,
      validFrom: contract.validFrom,
      ...(contract.validTo !== undefined && { validTo: contract.validTo }),
      source: contract.source,
      // Where no hour is known, neither is what a contract covered.
      usedKwh: matchedOf.length ? (used.get(contract.id) ?? 0) : null,
    })),
  };
}

/** The energy of each hour of which any is known, by start, and whether it is the whole load. */
async function loadsOf(
  range: MatchingQuery,
  state: Pick<StateStore, "siteRollups">,
  feeders: Pick<Feeders, "power"> | undefined,
): Promise<{ startMs: number; kwh: number; isKnown: boolean }[]> {
  const hours = new Map<number, typeof NOTHING>();
  for (const row of await state.siteRollups({ ...range, stepMs: HOUR_MS })) {
    const { startMs, kwh, coveredMs, powerCoveredMs } = row;
    const hour = hours.get(startMs) ?? { ...NOTHING };
    hours.set(startMs, hour);
    if (powerCoveredMs > 0) hour.kwh += kwh;
    hour.coveredMs += coveredMs;
    hour.powerCoveredMs += powerCoveredMs;
  }
  const metered = await feeders?.power(range.site, { ...range, stepMs: HOUR_MS });
  const loads: { startMs: number; kwh: number; isKnown: boolean }[] = [];
  for (let startMs = range.fromMs; startMs < range.toMs; startMs += HOUR_MS) {
    const watts = metered?.(startMs, HOUR_MS) ?? null;
    const { kwh, coveredMs, powerCoveredMs } = hours.get(startMs) ?? NOTHING;
    if (watts !== null) loads.push({ startMs, kwh: (watts * HOUR_MS) / 3.6e9, isKnown: true });
    else if (powerCoveredMs > 0)
      loads.push({ startMs, kwh, isKnown: isLoadKnown(powerCoveredMs, coveredMs) });
  }
  return loads;
}
