import type { History } from "../series/mergeWindow.js";

const DAY_MS = 86_400_000;

/** A field over the last 24 hours: its steps for a small line, and the share of the time that was measured. */
export interface DayFigure {
  values: (number | null)[];
  coverage: number;
}

/** Cuts the last 24 hours before `nowMs` out of a history. Undefined while there is none. */
export function dayFigure(history: History | undefined, field: string, nowMs: number): DayFigure | undefined {
  if (!history) return undefined;
  return derive(history, nowMs, (row) => history.columns[field]?.[row] ?? null);
}

/** J/TH of the last 24 hours: W over TH/s of each step in which both are known. */
export function dayEfficiency(history: History | undefined, nowMs: number): DayFigure | undefined {
  if (!history) return undefined;
  const { powerW, hashrateThs } = history.columns;
  return derive(history, nowMs, (row) => {
    const power = powerW?.[row];
    const hashrate = hashrateThs?.[row];
    return typeof power === "number" && typeof hashrate === "number" && hashrate > 0
      ? power / hashrate
      : null;
  });
}

/**
 * Share of rigs that reported over the measured part of the last 24 hours; null when nothing was measured. The history's
 * `reportingRigs` are already weighed by the time that each was read, so each step counts by its length alone.
 */
export function dayUptime(history: History | undefined, nowMs: number): number | null {
  if (!history) return null;
  let reporting = 0;
  let rigs = 0;
  history.tMs.forEach((startMs, row) => {
    const up = history.columns.reportingRigs?.[row];
    const all = history.columns.rigs?.[row];
    if (startMs < nowMs - DAY_MS || typeof up !== "number" || typeof all !== "number") return;
    const elapsedMs = Math.max(0, Math.min(history.stepMs, history.toMs - startMs));
    reporting += up * elapsedMs;
    rigs += all * elapsedMs;
  });
  return rigs > 0 ? Math.min(1, reporting / rigs) : null;
}

function derive(history: History, nowMs: number, read: (row: number) => number | null): DayFigure {
  const fromMs = nowMs - DAY_MS;
  const values: (number | null)[] = [];
  // One place per step of the day, so that time before the first reading is as empty as it was.
  const steps = Math.ceil(DAY_MS / history.stepMs);
  for (let at = 0; at < steps; at++) values.push(null);
  let measuredMs = 0;
  history.tMs.forEach((startMs, row) => {
    const value = read(row);
    const at = Math.floor((startMs - fromMs) / history.stepMs);
    if (value === null || at < 0 || at >= steps) return;
    values[at] = value;
    const elapsedMs = Math.min(history.stepMs, history.toMs - startMs);
    measuredMs += Math.max(0, Math.min(elapsedMs, (history.columns.covered?.[row] ?? 1) * history.stepMs));
  });
  // A small line has fewer places than a day has steps: neighbours share one, the mean of what is known of them.
  return { values: thin(values), coverage: Math.min(1, measuredMs / DAY_MS) };
}

const MOST_POINTS = 100;

function thin(values: readonly (number | null)[]): (number | null)[] {
  const size = Math.ceil(values.length / MOST_POINTS);
  if (size <= 1) return [...values];
  const out: (number | null)[] = [];
  for (let at = 0; at < values.length; at += size) {
    const known = values.slice(at, at + size).filter((value) => value !== null);
    out.push(known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null);
  }
  return out;
}
