import type { Series } from "@hashwatt/protocol/http";
import { useMemo } from "react";
import { type FetchError, fetchSiteSeries, type Span } from "../feed/fetchApi.js";
import { useFeed, useFetched } from "../feed/useFeed.js";
import { dayHours } from "../series/dayHours.js";
import type { History } from "../series/mergeWindow.js";
import { sumHistories } from "../series/sumHistories.js";
import type { Scope } from "../shell/useScope.js";
import { wholeSteps } from "./wholeSteps.js";

/** Step of the day's history. Five minutes divide every hour of every zone, half-hour offsets included. */
const STEP_MS = 300_000;
const DAY_MS = 86_400_000;
const REFRESH_MS = 60_000;
/** A history younger than this is fetched in fine steps too, so that a first look is not one or two points. */
const YOUNG_MS = 3_600_000;
const FINE_MS = 10_000;

const SUMMED = ["powerW", "reportingRigs", "rigs", "co2KgPerH"] as const;
const MONEY = ["revenuePerH", "costPerH", "profitPerH"] as const;
const HASH = ["hashrateThs", "nominalThs"] as const;

/** The last 24 hours and today, of the sites of a scope. */
export interface ScopeHistory {
  /** Power, rigs, carbon and (of the main algorithm) hashrate, summed; undefined until fetched. */
  sums?: History;
  /** Hashrate and nominal of the main algorithm, summed. */
  hash?: History;
  /** The same in fine steps, from about the first reading on, while that is less than an hour ago. */
  fineHash?: History;
  /** Each site's own answer, for money: currencies are not added. */
  bySite: ReadonlyMap<string, Series>;
  /** When it came, the server's time. */
  atMs?: number;
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

/** When a history was asked and its first step with a hashrate begins; that is undefined where it has none. */
function begins(history: History | undefined): { toMs: number; firstMs?: number } {
  const first = history?.columns.hashrateThs?.findIndex((value) => value !== null) ?? -1;
  const firstMs = history?.tMs[first];
  return { toMs: history?.toMs ?? 0, ...(firstMs !== undefined && { firstMs }) };
}

/** Fetches the day of each site of a scope; again every minute, and after a hole in the live data. */
export function useScopeHistory(scope: Scope): ScopeHistory {
  const feed = useFeed();
  const slugs = scope.sites.map(({ site }) => site);
  const several = knownAlgos(scope).length > 1;
  const algo = several ? mainAlgo(scope) : undefined;
  const { data, atMs, error, retry } = useFetched(
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
  const coarse = useMemo(() => {
    const bySite = new Map(data?.slugs.map((site, at) => [site, data.whole[at]!]));
    const sums = data && sumHistories(data.whole, [...HASH, ...SUMMED]);
    const hash = data?.ofAlgo ? sumHistories(data.ofAlgo, HASH) : sums;
    return { bySite, sums: sums && wholeSteps(sums), hash: hash && wholeSteps(hash), begins: begins(hash) };
  }, [data]);
  const { toMs, firstMs } = coarse.begins;
  const young = firstMs !== undefined && toMs - firstMs < YOUNG_MS;
  const fine = useFetched(
    young ? `young ${slugs.join(" ")} ${algo ?? ""} ${firstMs}` : undefined,
    async (signal) => {
      const span: Span = { fromMs: firstMs ?? toMs, toMs: feed.serverNowMs(), stepMs: FINE_MS };
      return Promise.all(slugs.map((site) => fetchSiteSeries(site, span, HASH, algo, signal)));
    },
    REFRESH_MS,
  ).data;
  return useMemo(() => {
    const { bySite, sums, hash } = coarse;
    const fineSum = fine && sumHistories(fine, HASH);
    return {
      bySite,
      retry,
      ...(sums && { sums }),
      ...(hash && { hash }),
      ...(fineSum && { fineHash: wholeSteps(fineSum) }),
      ...(atMs !== undefined && { atMs }),
      ...(error && { error }),
    };
  }, [coarse, fine, atMs, error, retry]);
}
