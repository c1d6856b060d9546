/** For so much of the time for which rigs answered their power must be known for its sum to be a site's load. */
const LEAST_LOAD_KNOWN = 0.9;

/**
 * Whether the sum of what rigs told of their power is a site's load. One that answers and tells none draws some; one that does not answer
 * is off, or nothing is known of it: it is no part of the load. Times in ms, summed over rigs.
 */
export const isLoadKnown = (powerCoveredMs: number, coveredMs: number): boolean =>
  powerCoveredMs >= LEAST_LOAD_KNOWN * coveredMs;

/** What a contract supplies over an interval. */
export interface Supply {
  /** Of the contract: a name may be that of several. */
  id: string;
  name: string;
  kwh: number;
  /** Of what is supplied, as the contract's own certificate says. */
  kgPerKwh: number;
}

/** How much of an interval's energy contracts supply, and what it emits, market-based. */
export interface Matched {
  matchedKwh: number;
  unmatchedKwh: number;
  kgCo2: number;
  /** By contract, those that supply something of it. */
  parts: { id: string; name: string; kwh: number; kgCo2: number }[];
}

/**
 * Matches one interval's load with what contracts supply in it, in their order; what exceeds the load is nobody's and takes nothing
 * off. What is left counts with the factor of the residual mix (GHG Protocol Scope 2, market-based; docs/money-and-carbon.md).
 */
export function matchLoad(loadKwh: number, supplies: readonly Supply[], residualKgPerKwh: number): Matched {
  let unmatchedKwh = Math.max(0, loadKwh);
  const parts: Matched["parts"] = [];
  let kgCo2 = 0;
  for (const { id, name, kwh, kgPerKwh } of supplies) {
    const used = Math.min(unmatchedKwh, Math.max(0, kwh));
    if (used === 0) continue;
    unmatchedKwh -= used;
    const kg = used * kgPerKwh;
    kgCo2 += kg;
    parts.push({ id, name, kwh: used, kgCo2: kg });
  }
  return {
    matchedKwh: loadKwh - unmatchedKwh,
    unmatchedKwh,
    kgCo2: kgCo2 + unmatchedKwh * residualKgPerKwh,
    parts,
  };
}

/** Shares of a load that supply covers, 0–1: hour by hour, and as if it could be moved through the year. */
export interface MatchingScore {
  hourly: number;
  annual: number;
  unmatchedKwh: number;
}

/** Scores loads against what is supplied in the same intervals; undefined where nothing is drawn. */
export function matchingScore(
  loadsKwh: readonly number[],
  suppliedKwh: readonly number[],
): MatchingScore | undefined {
  let [load, matched, supplied] = [0, 0, 0];
  for (const [i, kwh] of loadsKwh.entries()) {
    const here = Math.max(0, suppliedKwh[i] ?? 0);
    load += kwh;
    matched += Math.min(kwh, here);
    supplied += here;
  }
  if (!(load > 0)) return undefined;
  return { hourly: matched / load, annual: Math.min(1, supplied / load), unmatchedKwh: load - matched };
}
