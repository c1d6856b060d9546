import type { Limits } from "./alerts/limits.js";
import { BUCKET_MS } from "./rollup/row.js";
import type { RigRecord, StateStore } from "./store/state/state.js";

const REACH_MS = 8 * 3_600_000;
/** Rigs whose rows are read at a time. */
const SLICE = 500;

/** Teaches the baselines of rigs without a stated or sourced limit from their last eight hours. */
export async function learnBaselines(
  limits: Limits,
  rigs: readonly RigRecord[],
  state: StateStore,
  nowMs: number,
): Promise<void> {
  const learning = rigs.filter((record) => limits.learnsFrom(record.evidence)).map((record) => record.rig);
  for (let at = 0; at < learning.length; at += SLICE) {
    const rows = await state.rollups({
      fromMs: nowMs - REACH_MS,
      toMs: nowMs,
      stepMs: BUCKET_MS,
      rigs: learning.slice(at, at + SLICE),
    });
    for (const { rig, startMs, miningMs, chipTempC, boardTempC } of rows) {
      if (miningMs < BUCKET_MS / 2) continue;
      limits.learn(
        rig,
        { ...(chipTempC && { chip: chipTempC.mean }), ...(boardTempC && { board: boardTempC.mean }) },
        startMs,
      );
    }
  }
}
