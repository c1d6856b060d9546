import type { StateStore } from "../store/state/state.js";
import { BUCKET_MS, hourOf, type RollupRow } from "./row.js";
import type { Gone } from "./tooLate.js";

/** Where rows of a bucket are to be put, and before when raw samples and 5-minute rows are gone. */
export interface Place {
  startMs: number;
  rawFromMs: number;
  fineFromMs: number;
}

/** Whether a bucket's own raw samples are gone, or those before it, whose last reading holds into it. */
export const lacksRaw = (startMs: number, rawFromMs: number): boolean => startMs - BUCKET_MS < rawFromMs;

/** What becomes of the rows that raw samples make of a bucket. */
export interface Replacing {
  /** Those that may take the place of what is held. */
  rows: RollupRow[];
  /** Rigs whose row is held as it was made: what is made from it may not be yet. */
  same: number[];
  /** How many may not though readings are in them that came too late, and what was gone by then. */
  tooLate: number;
  gone: Gone;
}

/**
 * Which of the rows that raw samples make of a bucket may take the place of those that are held.
 *
 * Rows of more samples than are there now were made before a telemetry store was damaged, and stand. Where the bucket's raw samples were
 * dropped, what is there came since, and makes a row only where none is held of the rig: it was not heard at all then. To lay
 * both together would be to guess whether they are the same. Nor is a row made where those of 5 minutes are gone: the hour
 * and the site, which are made from these, would shrink to it.
 */
export async function replacing(
  state: Pick<StateStore, "rollups">,
  made: readonly RollupRow[],
  { startMs, rawFromMs, fineFromMs }: Place,
): Promise<Replacing> {
  const none: Replacing = { rows: [], same: [], tooLate: 0, gone: "raw" };
  if (made.length === 0) return none;
  if (hourOf(startMs) < fineFromMs) return { ...none, tooLate: made.filter(isHeard).length, gone: "fine" };
  const rigs = made.map(({ rig }) => rig);
  const range = { fromMs: startMs, toMs: startMs + BUCKET_MS, stepMs: BUCKET_MS, rigs };
  const held = new Map((await state.rollups(range)).map((row) => [row.rig, row]));
  if (!lacksRaw(startMs, rawFromMs))
    return { ...none, rows: made.filter(({ rig, samples }) => samples >= (held.get(rig)?.samples ?? 0)) };
  const rows: RollupRow[] = [];
  const same: number[] = [];
  let tooLate = 0;
  for (const row of made) {
    const was = held.get(row.rig);
    // A row of no sample is what the reading before holds over.
    if (!was || (was.samples === 0 && isHeard(row) && row.coveredMs >= was.coveredMs)) rows.push(row);
    else if (!isHeard(row)) continue;
    else if (isSame(row, was)) same.push(row.rig);
    else if (startMs < rawFromMs || row.samples > was.samples) tooLate++;
  }
  return { ...none, rows, same, tooLate };
}

const isHeard = ({ samples }: RollupRow): boolean => samples > 0;

/** Whether a row was made from the same readings: it has been written by an earlier step. */
const isSame = (a: RollupRow, b: RollupRow): boolean =>
  a.samples === b.samples && a.coveredMs === b.coveredMs && a.kwh === b.kwh;
