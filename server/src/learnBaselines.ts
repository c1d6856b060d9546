import type { Limits } from "./alerts/limits.js";
import { BUCKET_MS } from "./rollup/row.js";
import type { RigRecord, StateStore } from "./store/state/state.js";

const REACH_MS = 8 * 3_600_000;
/** Rigs whose rows are read at a time. */
const SLICE = 500;

/** Teaches the baselines of sensors without a sourced limit from the last eight hours of their rigs. */
export async function learnBaselines(
  limits: Limits,
  rigs: readonly RigRecord[],
  state: StateStore,
  nowMs: number,
): Promise<void> {
  const learned = new Map<number, readonly string[]>();
  for (const { rig, evidence } of rigs) {
    const sensors = limits.learnedOf(evidence);
    if (sensors.length) learned.set(rig, sensors);
  }
  const learning = [...learned.keys()];
  for (let at = 0; at < learning.length; at += SLICE) {
    const rows = await state.rollups({
      fromMs: nowMs - REACH_MS,
      toMs: nowMs,
      stepMs: BUCKET_MS,
      rigs: learning.slice(at, at + SLICE),
    });
    for (const { rig, startMs, miningMs, chipTempC, boardTempC } of rows) {
      if (miningMs < BUCKET_MS / 2) continue;
      const sensors = learned.get(rig)!;
      limits.learn(
        rig,
        {
          ...(chipTempC && sensors.includes("chip") && { chip: chipTempC.mean }),
          ...(boardTempC && sensors.includes("board") && { board: boardTempC.mean }),
        },
        startMs,
      );
    }
  }
}
