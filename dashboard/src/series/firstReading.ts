import type { History } from "./mergeWindow.js";

/** Start of the first step of a history of which any field is known, what it covers aside; undefined where none is. */
export function firstReading(history: Pick<History, "tMs" | "columns"> | undefined): number | undefined {
  if (!history) return undefined;
  let first = Number.POSITIVE_INFINITY;
  for (const [field, values] of Object.entries(history.columns)) {
    if (field === "covered") continue;
    const at = values.findIndex((value) => value !== null);
    if (at >= 0) first = Math.min(first, at);
  }
  return history.tMs[first];
}
