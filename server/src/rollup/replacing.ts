import type { StateStore } from "../store/state/state.js";
import { BUCKET_MS, hourOf, type RollupRow } from "./row.js";

/** Where rows of a bucket are to be put, and before when raw samples and 5-minute rows are gone. */
export interface Place {
  startMs: number;
  rawFromMs: number;
  fineFromMs: number;
}

/** Whether a bucket's own raw samples are gone, or those before it, whose last reading holds into it. */
export const lacksRaw = (startMs: number, rawFromMs: number): boolean => startMs - BUCKET_MS < rawFromMs;

/**
 * Which of the rows that raw samples make of a bucket may take the place of those that are held, and how many may not though
 * readings are in them that came too late.
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
): Promise<{ rows: RollupRow[]; tooLate: number }> {
  if (made.length === 0) return { rows: [], tooLate: 0 };
  if (hourOf(startMs) < fineFromMs) return { rows: [], tooLate: made.filter(isHeard).length };
  const rigs = made.map(({ rig }) => rig);
  const range = { fromMs: startMs, toMs: startMs + BUCKET_MS, stepMs: BUCKET_MS, rigs };
  const held = new Map((await state.rollups(range)).map((row) => [row.rig, row]));
  if (!lacksRaw(startMs, rawFromMs))
    return { rows: made.filter(({ rig, samples }) => samples >= (held.get(rig)?.samples ?? 0)), tooLate: 0 };
  const rows: RollupRow[] = [];
  let tooLate = 0;
  for (const row of made) {
    const was = held.get(row.rig);
    // A row of no sample is what the reading before holds over.
    if (!was || (was.samples === 0 && isHeard(row) && row.coveredMs >= was.coveredMs)) rows.push(row);
    else if (isHeard(row) && (startMs < rawFromMs ? !isSame(row, was) : row.samples > was.samples)) tooLate++;
  }
  return { rows, tooLate };
}

const isHeard = ({ samples }: RollupRow): boolean => samples > 0;

/** Whether a row was made from the same readings: it has been written by an earlier step. */
const isSame = (a: RollupRow, b: RollupRow): boolean =>
  a.samples === b.samples && a.coveredMs === b.coveredMs && a.kwh === b.kwh;
