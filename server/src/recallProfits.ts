import { figuresOf } from "./economics/figures.js";
import type { Fleet } from "./fleet/fleet.js";
import type { RigView } from "./fleet/rigView.js";
import type { Rates } from "./rates/rates.js";
import { BUCKET_MS, HOUR_MS } from "./rollup/row.js";
import type { StateStore } from "./store/state/state.js";

/** Where a rig last mined is looked for in fine rows first, then in hours: each row more costs time at the start. */
const REACHES = [
  { stepMs: BUCKET_MS, backMs: 2 * HOUR_MS },
  { stepMs: HOUR_MS, backMs: 24 * HOUR_MS },
] as const;
/** Rigs whose rows are read at a time. */
const SLICE = 500;

/**
 * Tells rigs that do not answer what they last earned while they mined, by their history of the last day at the rates of now:
 * what their outage costs. Leaves those without a price, and those of which no such row is found, unknown.
 */
export async function recallProfits(
  fleet: Fleet,
  rates: Rates,
  state: StateStore,
  nowMs: number,
): Promise<void> {
  let unknown = [...fleet.views()].filter(({ reading, lastProfitPerH, record }) => {
    if (lastProfitPerH !== undefined || (reading && reading.status !== "unreachable")) return false;
    const { hashpricePerThH, pricePerKwh } = rates.now(record.site, nowMs);
    return hashpricePerThH !== undefined && pricePerKwh !== undefined;
  });
  for (const { stepMs, backMs } of REACHES) {
    for (let at = 0; at < unknown.length; at += SLICE) {
      const slice = new Map(unknown.slice(at, at + SLICE).map((view) => [view.rig, view]));
      await recallSlice(slice, { fromMs: nowMs - backMs, toMs: nowMs, stepMs }, rates, state);
    }
    unknown = unknown.filter(({ lastProfitPerH }) => lastProfitPerH === undefined);
  }
}

async function recallSlice(
  views: ReadonlyMap<number, RigView>,
  range: { fromMs: number; toMs: number; stepMs: number },
  rates: Rates,
  state: StateStore,
): Promise<void> {
  const newest = new Map<number, number>();
  for (const row of await state.rollups({ ...range, rigs: [...views.keys()] })) {
    const view = views.get(row.rig);
    const known = newest.get(row.rig);
    if (!view || row.miningMs < row.stepMs / 2 || (known !== undefined && known > row.startMs)) continue;
    const { profitPerH } = figuresOf(
      {
        ...(row.hashrateThs && { hashrateThs: row.hashrateThs.mean }),
        ...(row.powerW && { powerW: row.powerW.mean }),
      },
      row.algo ?? view.algo,
      rates.now(view.record.site, range.toMs),
      view.devFee?.over(range.toMs)?.share,
    );
    if (profitPerH === undefined) continue;
    view.lastProfitPerH = profitPerH;
    newest.set(row.rig, row.startMs);
  }
}
