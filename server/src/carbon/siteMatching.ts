import type { Matching } from "@hashwatt/protocol/matching";
import { matchingScore, matchLoad } from "../economics/matching.js";
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
 * of the range only; an hour without any energy known is left out.
 */
export async function siteMatching(
  { site, fromMs, toMs }: MatchingQuery,
  rates: Pick<Rates, "supplies" | "terms">,
  state: Pick<StateStore, "siteRollups">,
): Promise<Matching> {
  const range = { fromMs: Math.ceil(fromMs / HOUR_MS) * HOUR_MS, toMs: Math.floor(toMs / HOUR_MS) * HOUR_MS };
  const loads = new Map<number, number>();
  if (range.toMs > range.fromMs)
    for (const row of await state.siteRollups({ ...range, stepMs: HOUR_MS, site }))
      if (row.powerCoveredMs > 0) loads.set(row.startMs, (loads.get(row.startMs) ?? 0) + row.kwh);
  const used = new Map<string, number>();
  const [matchedOf, suppliedOf]: [number[], number[]] = [[], []];
  let unknownHours = 0;
  let loadKwh = 0;
  for (const [startMs, kwh] of loads) {
    const supplies = rates.supplies(site, { fromMs: startMs, toMs: startMs + HOUR_MS }, kwh);
    loadKwh += kwh;
    if (!supplies) {
      unknownHours++;
      continue;
    }
    matchedOf.push(kwh);
    suppliedOf.push(supplies.reduce((sum, each) => sum + Math.max(0, each.kwh), 0));
    for (const part of matchLoad(kwh, supplies, 0).parts)
      used.set(part.name, (used.get(part.name) ?? 0) + part.kwh);
  }
  const score = matchingScore(matchedOf, suppliedOf);
  return {
    site,
    ...range,
    hourly: score?.hourly ?? null,
    annual: score?.annual ?? null,
    loadKwh,
    unmatchedKwh: score?.unmatchedKwh ?? null,
    hours: loads.size,
    unknownHours,
    contracts: (rates.terms(site).contracts ?? []).map((contract) => ({
      id: contract.id,
      name: contract.name,
      kind: contract.kind,
      kgPerKwh: contract.kgPerKwh,
      validFrom: contract.validFrom,
      ...(contract.validTo !== undefined && { validTo: contract.validTo }),
      source: contract.source,
      usedKwh: used.get(contract.name) ?? 0,
    })),
  };
}
