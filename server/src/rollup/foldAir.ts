import type { AirRow } from "../store/state/state.js";

/** Folds rows of one sensor each into steps of `stepMs`, by sensor and then by start; means are weighted by covered time. */
export function foldAir(rows: readonly AirRow[], stepMs: number): AirRow[] {
  const steps = new Map<string, AirRow>();
  for (const row of rows) {
    const startMs = Math.floor(row.startMs / stepMs) * stepMs;
    const key = `${row.site} ${row.meter} ${startMs}`;
    const step = steps.get(key);
    if (!step) {
      steps.set(key, { ...row, startMs, stepMs });
      continue;
    }
    const coveredMs = step.coveredMs + row.coveredMs;
    if (coveredMs > 0) step.mean = (step.mean * step.coveredMs + row.mean * row.coveredMs) / coveredMs;
    step.coveredMs = coveredMs;
    step.min = Math.min(step.min, row.min);
    step.max = Math.max(step.max, row.max);
  }
  return [...steps.values()].sort(inOrder);
}

const inOrder = (a: AirRow, b: AirRow): number =>
  a.meter === b.meter ? a.startMs - b.startMs : a.meter < b.meter ? -1 : 1;
