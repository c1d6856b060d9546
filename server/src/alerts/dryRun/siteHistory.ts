import { isSha256 } from "../../economics/figures.js";
import type { Rates } from "../../rates/rates.js";
import { BUCKET_MS, HOUR_MS } from "../../rollup/row.js";
import type { Settings } from "../../settings/settings.js";
import type { Sites } from "../../sites.js";
import type { RigRecord, SiteRecord, StateStore } from "../../store/state/state.js";
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
  earnings: boolean;
}

/**
 * A site as it stood at the end of each five minutes of a range, by what is stored of it now: prices that were known only afterwards are
 * known in it from the beginning. `records`: its rigs.
 */
export async function* siteHistory(
  record: SiteRecord,
  records: readonly RigRecord[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
  parts: SiteHistoryParts,
  needs: SiteHistoryNeeds,
): AsyncIterable<{ atMs: number; facts: SiteFacts; isKnown: boolean }> {
  const { site, name, zone, currency, demo } = record;
  const { state, rates } = parts;
  const rigs = records.map(({ rig }) => rig);
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
    const told = new Set<number>();
    const mined = needs.earnings ? await minedOf(state, records, range) : new Map<number, Mined>();
    if (needs.earnings) for (const startMs of mined.keys()) told.add(startMs);
    else
      for (const { algo, startMs } of await state.siteRollups({ ...range, stepMs: BUCKET_MS, site }))
        if (isSha256(algo)) told.add(startMs);
    const answers = needs.outage ? await answersOf(state, rigs, range) : new Map<number, number[]>();
    for (let startMs = range.fromMs; startMs < range.toMs; startMs += BUCKET_MS) {
      const atMs = startMs + BUCKET_MS;
      for (const rig of answers.get(startMs) ?? []) answered.set(rig, atMs);
      prices = priceFacts(rates, site, atMs, prices);
      const { hashpricePerThH, stale } = rates.now(site, atMs);
      const perThH = stale && !demo ? undefined : hashpricePerThH;
      const { ths, kw } = mined.get(startMs) ?? { ths: 0, kw: 0 };
      if (needs.demand) await demand.look(atMs);
      const facts: SiteFacts = {
        kind: "site",
        id: site,
        ...{ name, site, zone, currency, demo },
        expected: [...answered.values()].filter((ms) => atMs - ms <= DAY_MS).length,
        answering: answers.get(startMs)?.length ?? 0,
        heardSinceMs: fromMs,
        breakEvenPerKwh: kw > 0 && perThH !== undefined ? (ths * perThH) / kw : undefined,
        miningW: kw * 1_000,
        inputs: [],
        demand: demand.of(site),
        ...prices,
      };
      yield { atMs, facts, isKnown: told.has(startMs) || answers.has(startMs) };
    }
  }
}

/** What rigs that mine SHA-256 hash and draw, of those alone that tell both. */
interface Mined {
  ths: number;
  kw: number;
}

/** By the start of each bucket; one in which no rig told both is not there. */
async function minedOf(
  state: Pick<StateStore, "rollups">,
  records: readonly RigRecord[],
  range: { fromMs: number; toMs: number },
): Promise<Map<number, Mined>> {
  const algos = new Map(records.map(({ rig, evidence }) => [rig, evidence.algo]));
  const mined = new Map<number, Mined>();
  for (const row of await state.rollups({ ...range, stepMs: BUCKET_MS, rigs: [...algos.keys()] })) {
    const { rig, startMs, algo = algos.get(rig), hashCoveredMs, powerCoveredMs } = row;
    if (!isSha256(algo) || row.miningMs < row.coveredMs / 2 || !hashCoveredMs || !powerCoveredMs) continue;
    const sum = mined.get(startMs) ?? { ths: 0, kw: 0 };
    sum.ths += (row.thsHours * HOUR_MS) / hashCoveredMs;
    sum.kw += (row.kwh * HOUR_MS) / powerCoveredMs;
    mined.set(startMs, sum);
  }
  return mined;
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
