import { HOUR_MS } from "../../rollup/row.js";
import type { StateStore } from "../state/state.js";
import { rigLedgerLine, rigRollupLine, siteLedgerLine, siteRollupLine } from "./rollupLines.js";

/** Names of the ledger's hours, of sites and of rigs, among what is yet to be written; rollups go by the length of their steps. */
export const LEDGER = "ledger";
export const RIG_LEDGER_HOURS = "rigLedger";
export const isLedger = (name: string): boolean => name === LEDGER || name === RIG_LEDGER_HOURS;

/** Rigs whose rows are read at once. */
const RIG_SLICE = 500;

/** Where rows are read, and whose. */
export interface MirrorSource {
  state: Pick<StateStore, "rollups" | "siteRollups" | "ledger">;
  sites: () => Iterable<{ site: string }>;
}

/** The lines of steps of what goes by `name`, some at a time. */
export async function* mirrorLines(
  { state, sites }: MirrorSource,
  name: string,
  { fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number },
  rigs: readonly { rig: number; site: string }[],
): AsyncGenerator<string[]> {
  if (name === LEDGER) {
    const edges = Array.from({ length: (toMs - fromMs) / HOUR_MS }, (_, i) => fromMs + i * HOUR_MS);
    for (const { site } of sites())
      yield (await state.ledger.sums({ site, edges, toMs })).map((hour) => siteLedgerLine(hour, site));
    return;
  }
  if (name === RIG_LEDGER_HOURS) {
    // By their numbers and not by who is known now: who stood there then may be gone.
    const last = rigs.reduce((most, { rig }) => Math.max(most, rig), 0);
    for (const { site } of sites())
      for (let rigFrom = 1; rigFrom <= last; rigFrom += RIG_SLICE) {
        const slice = { site, fromMs, toMs, rigFrom, rigTo: rigFrom + RIG_SLICE };
        yield (await state.ledger.hours(slice)).map((hour) => rigLedgerLine(hour, site));
      }
    return;
  }
  const window = { fromMs, toMs, stepMs };
  for (let first = 0; first < rigs.length; first += RIG_SLICE) {
    const slice = rigs.slice(first, first + RIG_SLICE);
    const siteOf = new Map(slice.map(({ rig, site }) => [rig, site]));
    const rows = await state.rollups({ ...window, rigs: [...siteOf.keys()] });
    yield rows.map((row) => rigRollupLine(row, siteOf.get(row.rig)!));
  }
  for (const { site } of sites()) yield (await state.siteRollups({ ...window, site })).map(siteRollupLine);
}
