import { isSha256 } from "../../economics/figures.js";
import type { Rates } from "../../rates/rates.js";
import { BUCKET_MS } from "../../rollup/row.js";
import type { Settings } from "../../settings/settings.js";
import type { Sites } from "../../sites.js";
import type { SiteRecord, StateStore } from "../../store/state/state.js";
import { DemandWatch } from "../demandWatch.js";
import type { SiteFacts } from "../facts.js";
import { type PriceFacts, priceFacts } from "../priceFacts.js";

const DAY_MS = 86_400_000;
/** Rows of rigs that are read at once: silence of up to a day is what an outage is judged by. */
const SLICE_MS = 3 * 3_600_000;

/** What a site's past is read from. */
export interface SiteHistoryParts {
  state: Pick<StateStore, "rollups" | "siteRollups" | "siteColumns">;
  settings: Pick<Settings, "values">;
  sites: Pick<Sites, "all">;
  rates: Pick<Rates, "now" | "slots">;
}

/** What a look at one moment is to find out; the rest is left unknown, for each costs its reading. */
export interface SiteHistoryNeeds {
  demand: boolean;
  outage: boolean;
}

/**
 * A site as it stood at the end of each five minutes of a range, by what is stored of it now: prices that were known only afterwards are
 * known in it from the beginning. `rigs`: those of the site.
 */
export async function* siteHistory(
  record: SiteRecord,
  rigs: readonly number[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
  parts: SiteHistoryParts,
  needs: SiteHistoryNeeds,
): AsyncIterable<{ atMs: number; facts: SiteFacts; isKnown: boolean }> {
  const { site, name, zone, currency, demo } = record;
  const { state, rates } = parts;
  const own = { all: () => [record][Symbol.iterator]() };
  const demand = new DemandWatch({ ...parts, sites: own }, Number.POSITIVE_INFINITY);
  const answered = new Map<number, number>();
  let prices: PriceFacts | undefined;
  const firstMs = Math.ceil(fromMs / BUCKET_MS) * BUCKET_MS;
  // Who answered in the day before is expected.
  if (needs.outage)
    for (let at = firstMs - DAY_MS; at < firstMs; at += SLICE_MS)
      await noteAnswers(state, rigs, at, Math.min(firstMs, at + SLICE_MS), answered);
  for (let slice = firstMs; slice < toMs; slice += SLICE_MS) {
    const range = { fromMs: slice, toMs: Math.min(toMs, slice + SLICE_MS) };
    const money = new Map<number, { ths: number; kwh: number }>();
    for (const row of await state.siteRollups({ ...range, stepMs: BUCKET_MS, site })) {
      if (isSha256(row.algo) !== true) continue;
      const sum = money.get(row.startMs) ?? { ths: 0, kwh: 0 };
      money.set(row.startMs, { ths: sum.ths + row.thsHours, kwh: sum.kwh + row.kwh });
    }
    const answers = needs.outage ? await answersOf(state, rigs, range) : new Map<number, number[]>();
    for (let startMs = range.fromMs; startMs < range.toMs; startMs += BUCKET_MS) {
      const atMs = startMs + BUCKET_MS;
      for (const rig of answers.get(startMs) ?? []) answered.set(rig, atMs);
      prices = priceFacts(rates, site, atMs, prices);
      const { hashpricePerThH } = rates.now(site, atMs);
      const mined = money.get(startMs);
      if (needs.demand) await demand.look(atMs);
      const facts: SiteFacts = {
        kind: "site",
        id: site,
        ...{ name, site, zone, currency, demo },
        expected: [...answered.values()].filter((ms) => atMs - ms <= DAY_MS).length,
        answering: answers.get(startMs)?.length ?? 0,
        heardSinceMs: fromMs,
        breakEvenPerKwh:
          mined && mined.kwh > 0 && hashpricePerThH !== undefined
            ? (mined.ths * hashpricePerThH) / mined.kwh
            : undefined,
        miningW: (mined?.kwh ?? 0) * 12_000,
        inputs: [],
        demand: demand.of(site),
        ...prices,
      };
      yield { atMs, facts, isKnown: mined !== undefined || answers.has(startMs) };
    }
  }
}

async function noteAnswers(
  state: Pick<StateStore, "rollups">,
  rigs: readonly number[],
  fromMs: number,
  toMs: number,
  answered: Map<number, number>,
): Promise<void> {
  for (const [startMs, those] of await answersOf(state, rigs, { fromMs, toMs }))
    for (const rig of those) answered.set(rig, startMs + BUCKET_MS);
}

/** Rigs that answered at the end of each bucket, by its start: a bucket that nobody was asked in is not there. */
async function answersOf(
  state: Pick<StateStore, "rollups">,
  rigs: readonly number[],
  range: { fromMs: number; toMs: number },
): Promise<Map<number, number[]>> {
  const answers = new Map<number, number[]>();
  for (const { rig, startMs, samples, coveredMs } of await state.rollups({
    ...range,
    stepMs: BUCKET_MS,
    rigs,
  })) {
    if (samples === 0) continue;
    const those = answers.get(startMs) ?? [];
    answers.set(startMs, those);
    if (coveredMs > 0) those.push(rig);
  }
  return answers;
}
