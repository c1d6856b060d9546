import type { History } from "../series/mergeWindow.js";

/** A step whose measured share is below this part of its neighbours' is partial. */
const PART = 0.5;

/**
 * A history without the steps that were measured in part only: the first or last of a measured stretch, or a dip between
 * two others, with less than half of the neighbours' `covered`. Their values become null, for a mean over the few rigs or
 * seconds that were read says nothing beside whole steps. A lone step is held against full coverage. Shares are held
 * against the neighbours', so that a fleet of which a part is offline all day is not cut.
 */
export function wholeSteps(history: History): History {
  const covered = history.columns.covered;
  if (!covered) return history;
  const partial = covered.map((own, row) => {
    if (!own) return false;
    const before = covered[row - 1] || undefined;
    const after = covered[row + 1] || undefined;
    // The lesser of two neighbours: a lasting fall is a fact of the fleet, a dip is a hole in the measuring.
    const against = before !== undefined && after !== undefined ? Math.min(before, after) : before || after;
    return own < (against ?? 1) * PART;
  });
  if (!partial.includes(true)) return history;
  const columns = Object.fromEntries(
    Object.entries(history.columns).map(([name, values]) => [
      name,
      values.map((value, row) => (partial[row] ? null : value)),
    ]),
  );
  return { ...history, columns };
}
