import { Fleet } from "../../fleet/fleet.js";
import { isReporting } from "../../fleet/rigView.js";
import type { RateSeries } from "../../rates/rateSeries.js";
import type { Rates } from "../../rates/rates.js";
import type { Slot } from "../../rates/slot.js";
import { BUCKET_MS } from "../../rollup/row.js";
import type { RigRecord } from "../../store/state/state.js";
import { difficultyAhead, EPOCH_MS } from "../difficultyAhead.js";
import type { AgentFacts, Facts, PoolFacts } from "../facts.js";
import { rigSubject } from "../judged.js";
import { PoolCensus } from "../poolCensus.js";
import type { Moment } from "./history.js";

/** What was true at a moment of what is no rig and no site; `isKnown`: whether there is any history of it. */
export interface FactsAt {
  atMs: number;
  facts: Facts[];
  isKnown: boolean;
}

/** The network at the end of each five minutes, by the heights that are stored of before. */
export function* marketHistory(
  series: Pick<RateSeries, "slots">,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Iterable<FactsAt> {
  const heights = series.slots("network/height", { fromMs: fromMs - EPOCH_MS, toMs });
  for (let atMs = Math.ceil(fromMs / BUCKET_MS) * BUCKET_MS; atMs <= toMs; atMs += BUCKET_MS) {
    const nextDifficulty = difficultyAhead(asOf(heights, atMs), atMs);
    yield {
      atMs,
      facts: [{ kind: "market", id: "bitcoin", name: "Bitcoin", site: "", nextDifficulty }],
      isKnown: nextDifficulty !== undefined,
    };
  }
}

/** A height of longer ago says nothing of a moment. */
const HEIGHT_MS = 86_400_000;

/** The heights as they were known at a moment; `all` are sorted. */
function asOf(all: readonly Slot[], atMs: number): Pick<RateSeries, "slots" | "last"> {
  const before = (ms: number) => firstFrom(all, ms);
  return {
    slots: (_name, { fromMs }) => all.slice(before(fromMs), before(atMs + 1)),
    last() {
      const newest = all[before(atMs + 1) - 1];
      return newest && atMs - newest.startMs <= HEIGHT_MS ? newest : undefined;
    },
  };
}

/** Index of the first slot that begins at an instant or later. */
function firstFrom(all: readonly Slot[], ms: number): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.startMs < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Agents by the gaps in the readings of their rigs, those among them that tell that a rig did not answer: an agent without any was
 * silent, or the server did not hear; what came late from a spool is history as if it had come in time.
 */
export async function* agentHistory(
  records: readonly RigRecord[],
  moments: AsyncIterable<Moment>,
  fromMs: number,
): AsyncIterable<FactsAt> {
  const agentOf = new Map(records.map(({ rig, site, agent }) => [rig, `${site}/${agent}`]));
  const rigs = new Map<string, number>();
  for (const agent of agentOf.values()) rigs.set(agent, (rigs.get(agent) ?? 0) + 1);
  const heard = new Map<string, number>();
  for await (const { atMs, readings } of moments) {
    let nowMs = atMs;
    for (const { rig, reading } of readings) {
      const agent = agentOf.get(rig);
      if (agent === undefined) continue;
      heard.set(agent, Math.max(heard.get(agent) ?? 0, reading.atMs));
      nowMs = Math.max(nowMs, reading.atMs);
    }
    const facts = [...heard].map(([id, heardMs]): AgentFacts => {
      const [site, agent] = id.split("/") as [string, string];
      return {
        ...{ kind: "agent", id, name: agent, site, rigs: rigs.get(id) ?? 0, heardSinceMs: fromMs },
        silentMs: nowMs - heardMs,
        view: {
          ...{ site, agent, state: "unknown", spoolBatches: null, spoolBytes: null, behindMs: null },
          ...{ clockOffsetMs: null, lostBatches: 0 },
        },
      };
    });
    yield { atMs: nowMs, facts, isKnown: readings.length > 0 };
  }
}

/** Pools by what the rigs that worked for them said of the way to them; of rows of five minutes nothing is known. */
export async function* poolHistory(
  records: readonly RigRecord[],
  moments: AsyncIterable<Moment>,
  rates: Pick<Rates, "now">,
): AsyncIterable<FactsAt> {
  const fleet = new Fleet({ rates: (of, atMs) => rates.now(of, atMs), limits: () => ({}) });
  for (const record of records) fleet.putRig(record);
  const census = new PoolCensus();
  for await (const { atMs, readings } of moments) {
    let nowMs = atMs;
    for (const { rig, reading } of readings) {
      const view = fleet.view(rig);
      if (!view) continue;
      fleet.apply(view, reading, reading.atMs);
      nowMs = Math.max(nowMs, reading.atMs);
    }
    fleet.sweep(nowMs);
    census.begin();
    for (const view of fleet.views())
      if (isReporting(view)) census.add(view, rigSubject(view));
      else census.mention(view);
    // What the lists of now say of a pool is not of then.
    const facts = census.facts(nowMs).map((pool): PoolFacts => ({ ...pool, lost: [] }));
    yield { atMs: nowMs, facts, isKnown: facts.some(({ latency }) => latency !== undefined) };
  }
}
