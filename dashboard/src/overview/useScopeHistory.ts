import type { Series } from "@hashwatt/protocol/http";
import { useMemo } from "react";
import { type FetchError, fetchSiteSeries, type Span } from "../feed/fetchApi.js";
import { useFeed, useFetched } from "../feed/useFeed.js";
import { dayHours } from "../series/dayHours.js";
import type { History } from "../series/mergeWindow.js";
import { sumHistories } from "../series/sumHistories.js";
import type { Scope } from "../shell/useScope.js";

/** Step of the day's history. Five minutes divide every hour of every zone, half-hour offsets included. */
const STEP_MS = 300_000;
const DAY_MS = 86_400_000;
const REFRESH_MS = 60_000;

const SUMMED = ["powerW", "reportingRigs", "rigs", "co2KgPerH"] as const;
const MONEY = ["revenuePerH", "costPerH", "profitPerH"] as const;
const HASH = ["hashrateThs", "nominalThs"] as const;

/** The last 24 hours and today, of the sites of a scope. */
export interface ScopeHistory {
  /** Power, rigs, carbon and (of the main algorithm) hashrate, summed; undefined until fetched. */
  sums?: History;
  /** Hashrate and nominal of the main algorithm, summed. */
  hash?: History;
  /** Each site's own answer, for money: currencies are not added. */
  bySite: ReadonlyMap<string, Series>;
  error?: FetchError;
  retry(): void;
}

/** Algorithms that rigs of a scope are known to mine; rigs that never answered have none. */
export const knownAlgos = (scope: Scope) => scope.sums.algos.filter(({ algo }) => algo !== "unknown");

/** The algorithm with the most rigs; the headline hashrate is its. Undefined before there is one. */
export const mainAlgo = (scope: Scope): string | undefined =>
  knownAlgos(scope).reduce<{ algo?: string; rigs: number }>(
    (most, { algo, rigs }) => (rigs > most.rigs ? { algo, rigs } : most),
    { rigs: 0 },
  ).algo;

/** Fetches the day of each site of a scope; again every minute, and after a hole in the live data. */
export function useScopeHistory(scope: Scope): ScopeHistory {
  const feed = useFeed();
  const slugs = scope.sites.map(({ site }) => site);
  const several = knownAlgos(scope).length > 1;
  const algo = several ? mainAlgo(scope) : undefined;
  const { data, error, retry } = useFetched(
    slugs.length > 0 ? `day ${slugs.join(" ")} ${algo ?? ""}` : undefined,
    async (signal) => {
      const nowMs = feed.serverNowMs();
      const midnights = scope.sites.map(({ zone }) => dayHours(nowMs, zone)[0]?.startMs ?? nowMs);
      const fromMs = Math.floor(Math.min(nowMs - DAY_MS, ...midnights) / STEP_MS) * STEP_MS;
      const span: Span = { fromMs, toMs: nowMs, stepMs: STEP_MS };
      const all = [...HASH, ...SUMMED, ...MONEY];
      const [whole, ofAlgo] = await Promise.all([
        Promise.all(slugs.map((site) => fetchSiteSeries(site, span, all, undefined, signal))),
        algo === undefined
          ? undefined
          : Promise.all(slugs.map((site) => fetchSiteSeries(site, span, HASH, algo, signal))),
      ]);
      return { slugs, whole, ofAlgo };
    },
    REFRESH_MS,
  );
  return useMemo(() => {
    const bySite = new Map(data?.slugs.map((site, at) => [site, data.whole[at]!]));
    const sums = data && sumHistories(data.whole, [...HASH, ...SUMMED]);
    const hash = data?.ofAlgo ? sumHistories(data.ofAlgo, HASH) : sums;
    return { bySite, retry, ...(sums && { sums }), ...(hash && { hash }), ...(error && { error }) };
  }, [data, error, retry]);
}
