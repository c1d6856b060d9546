import type { Matching } from "@hashwatt/protocol/matching";
import { LEAST_LOAD_KNOWN, matchingScore, matchLoad } from "../economics/matching.js";
import type { Rates } from "../rates/rates.js";
import { HOUR_MS } from "../rollup/row.js";
import type { StateStore } from "../store/state/state.js";

interface MatchingQuery {
  site: string;
  fromMs: number;
  toMs: number;
}

/**
 * Sets each hour's energy at the plugs against what contracts supplied in it; what exceeds the load of an hour is nobody's. Whole hours
 * of the range only; an hour without any energy known is left out, and one of which too few rigs told their power counts as unknown where
 * something is supplied whatever is drawn.
 */
export async function siteMatching(
  { site, fromMs, toMs }: MatchingQuery,
  rates: Pick<Rates, "supplies" | "terms">,
  state: Pick<StateStore, "siteRollups">,
): Promise<Matching> {
  const range = { fromMs: Math.ceil(fromMs / HOUR_MS) * HOUR_MS, toMs: Math.floor(toMs / HOUR_MS) * HOUR_MS };
  const loads = range.toMs > range.fromMs ? await loadsOf({ site, ...range }, state) : [];
  const used = new Map<string, number>();
  const [matchedOf, suppliedOf]: [number[], number[]] = [[], []];
  let unknownHours = 0;
  let loadKwh = 0;
  for (const { startMs, kwh, isKnown } of loads) {
    const hour = { fromMs: startMs, toMs: startMs + HOUR_MS };
    const supplies = rates.supplies(site, hour, kwh);
    loadKwh += kwh;
    const needsLoad = !isKnown && rates.supplies(site, hour, 0)?.some((each) => each.kwh > 0);
    if (!supplies || needsLoad) {
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
      usedKwh: used.get(contract.id) ?? 0,
    })),
  };
}

/** The energy at the plugs of each hour of which any is known, and whether it is that of nearly all rigs. */
async function loadsOf(
  range: MatchingQuery,
  state: Pick<StateStore, "siteRollups">,
): Promise<{ startMs: number; kwh: number; isKnown: boolean }[]> {
  const hours = new Map<number, { kwh: number; coveredMs: number; rigMs: number }>();
  for (const { startMs, kwh, powerCoveredMs, rigMs } of await state.siteRollups({
    ...range,
    stepMs: HOUR_MS,
  })) {
    const hour = hours.get(startMs) ?? { kwh: 0, coveredMs: 0, rigMs: 0 };
    hours.set(startMs, hour);
    if (powerCoveredMs > 0) hour.kwh += kwh;
    hour.coveredMs += powerCoveredMs;
    hour.rigMs += rigMs;
  }
  return [...hours]
    .filter(([, { coveredMs }]) => coveredMs > 0)
    .map(([startMs, { kwh, coveredMs, rigMs }]) => ({
      startMs,
      kwh,
      isKnown: coveredMs >= LEAST_LOAD_KNOWN * rigMs,
    }));
}
