import type { LivePoint } from "../feed/liveTail.js";

type Column = (number | null)[];

/** A fetched history: `tMs[i]` begins the step that `columns.*[i]` is the mean of; null = not measured. */
export interface History {
  toMs: number;
  stepMs: number;
  tMs: readonly number[];
  columns: Readonly<Record<string, readonly (number | null)[]>>;
}

/**
 * The window to draw. `fields[0]` decides what counts as a gap; a live reading holds for `holdMs`. A step of which a smaller
 * share than `leastCovered` (0–1) was measured is a gap; without it any reading makes a step.
 */
export interface Window {
  fromMs: number;
  toMs: number;
  fields: readonly string[];
  holdMs: number;
  leastCovered?: number;
}

/** Points in rising time, nulls where a line must break, and the spans in which nothing was measured. */
export interface Merged {
  tMs: number[];
  columns: Record<string, Column>;
  gaps: [fromMs: number, toMs: number][];
}

const fold = (field: string, values: number[]): number | null => {
  if (values.length === 0) return null;
  if (field.endsWith("Min")) return Math.min(...values);
  if (field.endsWith("Max")) return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};

/**
 * Joins a fetched history and the live readings since into one window. A step that had ended when the history was fetched
 * is the history's; later steps are the mean of their live readings (or the extreme, for `…Min` and `…Max`); the newest
 * reading stands at its own time. Steps are drawn at their middle. Live readings may come doubled and in any order.
 * Nothing is interpolated: what neither side measured is a gap.
 */
export function mergeWindow(
  history: History | undefined,
  live: readonly LivePoint[],
  window: Window,
): Merged {
  const { fromMs, toMs, holdMs, leastCovered } = window;
  // A field that is named twice is one column, with one value for each time.
  const fields = [...new Set(window.fields)];
  const stepMs = history?.stepMs ?? Math.max(1, holdMs);
  const readings = [...new Map(live.map((point) => [point.atMs, point])).values()]
    .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
    .sort((a, b) => a.atMs - b.atMs);
  const newest = readings.at(-1);
  const origin = history?.tMs[0] ?? 0;
  const startOf = (atMs: number) => origin + Math.floor((atMs - origin) / stepMs) * stepMs;

  const steps = new Map<number, { row?: number; readings: LivePoint[] }>();
  history?.tMs.forEach((startMs, row) => {
    steps.set(startMs, { row, readings: [] });
  });
  for (const reading of readings) {
    const startMs = startOf(reading.atMs);
    const step = steps.get(startMs);
    if (step) step.readings.push(reading);
    else steps.set(startMs, { readings: [reading] });
  }

  const liveValue = (point: LivePoint, field: string): number | null =>
    point.values[field] ?? point.values[field.replace(/(Min|Max)$/, "")] ?? null;
  const primary = fields[0];
  // How long of each step a live reading held: until the next one, for `holdMs` at most.
  const heldMs = new Map<number, number>();
  readings.forEach((point, at) => {
    if (leastCovered === undefined || primary === undefined || liveValue(point, primary) === null) return;
    const endMs = Math.min(readings[at + 1]?.atMs ?? toMs, point.atMs + holdMs);
    for (let fromMs = point.atMs; fromMs < endMs; ) {
      const startMs = startOf(fromMs);
      const untilMs = Math.min(endMs, startMs + stepMs);
      heldMs.set(startMs, (heldMs.get(startMs) ?? 0) + untilMs - fromMs);
      fromMs = untilMs;
    }
  });

  const merged: Merged = {
    tMs: [],
    columns: Object.fromEntries(fields.map((f) => [f, [] as Column])),
    gaps: [],
  };
  const emit = (atMs: number, read: (field: string) => number | null) => {
    merged.tMs.push(atMs);
    for (const field of fields) merged.columns[field]!.push(read(field));
  };
  // A step that is missing altogether breaks the line as much as one that says null.
  const reachMs = stepMs * 1.5 + holdMs;
  let lastKnownMs = fromMs;
  const add = (atMs: number, read: (field: string) => number | null) => {
    const before = merged.tMs.at(-1);
    if (before !== undefined && atMs - before > reachMs) emit((atMs + before) / 2, () => null);
    emit(atMs, read);
    if (primary === undefined || read(primary) === null) return;
    if (atMs - lastKnownMs > reachMs) merged.gaps.push([lastKnownMs, atMs]);
    lastKnownMs = atMs;
  };

  for (const startMs of [...steps.keys()].sort((a, b) => a - b)) {
    const step = steps.get(startMs)!;
    const middleMs = startMs + stepMs / 2;
    // The step of the newest reading is drawn by it, at its own time. What a history that was fetched since knows of later goes on.
    if (newest && startMs === startOf(newest.atMs)) {
      add(newest.atMs, (field) => liveValue(newest, field));
      continue;
    }
    const atMs = Math.min(middleMs, history ? Math.max(history.toMs, newest?.atMs ?? 0) : middleMs);
    if (atMs < fromMs || atMs > toMs || atMs <= (merged.tMs.at(-1) ?? Number.NEGATIVE_INFINITY)) continue;
    const ended = history !== undefined && startMs + stepMs <= history.toMs;
    if (leastCovered !== undefined) {
      const stored = step.row === undefined ? null : (history?.columns.covered?.[step.row] ?? null);
      const live = (heldMs.get(startMs) ?? 0) / stepMs;
      // Of a step that had ended both sides measured the same time, of one under way each its own part.
      const covered = stored === null ? live : ended ? Math.max(stored, live) : stored + live;
      const known = stored !== null || step.readings.length > 0;
      if (known && covered < leastCovered) {
        add(atMs, () => null);
        continue;
      }
    }
    add(atMs, (field) => {
      const stored = step.row === undefined ? null : (history?.columns[field]?.[step.row] ?? null);
      if (ended && stored !== null) return stored;
      const values = step.readings.map((r) => liveValue(r, field)).filter((v) => v !== null);
      return fold(field, values) ?? stored;
    });
  }
  // Of the time after the newest reading a history may say only that it knows nothing yet.
  const endsUnknown = () => fields.every((field) => merged.columns[field]!.at(-1) === null);
  while (newest && merged.tMs.at(-1)! > newest.atMs && endsUnknown()) {
    merged.tMs.pop();
    for (const field of fields) merged.columns[field]!.pop();
  }
  if (toMs - lastKnownMs > reachMs) merged.gaps.push([lastKnownMs, toMs]);
  return merged;
}
