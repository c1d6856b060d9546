import type { Temps } from "./alerts/baseline.js";
import type { Limits } from "./alerts/limits.js";
import type { RigRecord, StateStore } from "./store/state/state.js";

const REACH_MS = 8 * 3_600_000;
/** Rigs whose rows are read at a time. */
const SLICE = 500;

/** Teaches the baselines of sensors without a sourced limit from the last eight hours of their rigs. */
export async function learnBaselines(
  limits: Limits,
  rigs: readonly RigRecord[],
  state: Pick<StateStore, "meanTemps">,
  nowMs: number,
): Promise<void> {
  const learned = new Map<number, readonly string[]>();
  for (const { rig, evidence } of rigs) {
    const sensors = limits.learnedOf(evidence);
    if (sensors.length) learned.set(rig, sensors);
  }
  const learning = [...learned.keys()];
  for (let at = 0; at < learning.length; at += SLICE) {
    const range = { fromMs: nowMs - REACH_MS, toMs: nowMs, rigs: learning.slice(at, at + SLICE) };
    const said = new Map<number, (Temps & { atMs: number })[]>();
    for (const { rig, startMs, chipC, boardC } of await state.meanTemps(range)) {
      const sensors = learned.get(rig)!;
      const its = said.get(rig) ?? [];
      said.set(rig, its);
      its.push({
        atMs: startMs,
        chip: sensors.includes("chip") ? chipC : undefined,
        board: sensors.includes("board") ? boardC : undefined,
      });
    }
    for (const [rig, its] of said) limits.recall(rig, its);
  }
}
