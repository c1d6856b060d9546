import type { Series } from "@hashwatt/protocol/http";
import type { History } from "./mergeWindow.js";

/**
 * Adds the histories of several sites, asked with one span and step. A site counts from its first measured step on; from
 * there a step that one site did not measure is unknown for the sum. `covered` is the mean. Undefined for no site, and where
 * the answers came in different steps, which cannot be added.
 */
export function sumHistories(all: readonly Series[], fields: readonly string[]): History | undefined {
  const first = all[0];
  if (!first) return undefined;
  if (all.length === 1) return first;
  const { stepMs } = first;
  if (all.some((series) => series.stepMs !== stepMs)) return undefined;
  const toMs = Math.min(...all.map((series) => series.toMs));
  const tMs = [...new Set(all.flatMap((series) => series.tMs))].sort((a, b) => a - b);
  const rows = all.map((series) => new Map(series.tMs.map((ms, row) => [ms, row])));
  const columns: Record<string, (number | null)[]> = {};
  for (const field of fields) {
    const begun = all.map((series) => {
      const row = (series.columns[field] ?? []).findIndex((value) => value !== null);
      return row < 0 ? Number.POSITIVE_INFINITY : series.tMs[row]!;
    });
    columns[field] = tMs.map((ms) => {
      let sum: number | null = null;
      for (const [at, series] of all.entries()) {
        if (ms < begun[at]!) continue;
        const value = series.columns[field]?.[rows[at]!.get(ms) ?? -1];
        if (value === null || value === undefined) return null;
        sum = (sum ?? 0) + value;
      }
      return sum;
    });
  }
  columns.covered = tMs.map((ms) => {
    const shares = all.map((series, at) => series.columns.covered?.[rows[at]!.get(ms) ?? -1]);
    const known = shares.filter((share) => share !== null && share !== undefined);
    return known.length > 0 ? known.reduce((sum, share) => sum + share, 0) / all.length : null;
  });
  return { toMs, stepMs, tMs, columns };
}
