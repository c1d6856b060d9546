import type { Board } from "@hashwatt/protocol/sample";
import type { BoardPoint, FanPoint, PartsRange, StoredSample } from "./store.js";

/** Errors gained are told only between readings no further apart than this, ms. */
export const COUNTER_GAP_MS = 600_000;
/** Compacted rows stand for one minute. */
export const PART_STEP_MS = 60_000;

/** Numbers of a board, in the order in which a store keeps them. */
export const BOARD_NUMBERS = [
  "slot",
  "hashrateThs",
  "boardTempC",
  "chipTempC",
  "chips",
  "chipsExpected",
  "hwErrors",
  "frequencyMHz",
  "voltageV",
] as const satisfies readonly (keyof Board)[];

/** A counter's gain; a smaller value means that it began again at 0. */
export const gained = (before: number, after: number): number => (after >= before ? after - before : after);

/** Fields of a board that are means over a step. */
const MEANS = ["hashrateThs", "frequencyMHz", "voltageV"] as const;

const defined = (values: (number | undefined)[]): number[] => values.filter((value) => value !== undefined);
const meanOf = (values: number[]): number | undefined =>
  values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
const maxOf = (values: number[]): number | undefined => (values.length ? Math.max(...values) : undefined);
const minOf = (values: number[]): number | undefined => (values.length ? Math.min(...values) : undefined);

/**
 * Boards of one rig by step and slot: the definition that every store's own way must match. `samples` are sorted by time
 * and reach 10 minutes before `fromMs`, so that the first counter has something to be compared with.
 */
export function boardsOf(
  samples: readonly StoredSample[],
  { fromMs, toMs, stepMs }: PartsRange,
): BoardPoint[] {
  const groups = new Map<string, { atMs: number; slot: number; rows: Board[]; gains: number[] }>();
  const counters = new Map<number, { atMs: number; errors: number }>();
  for (const { sample } of samples) {
    for (const board of sample.boards ?? []) {
      const before = counters.get(board.slot);
      if (board.hwErrors !== undefined)
        counters.set(board.slot, { atMs: sample.atMs, errors: board.hwErrors });
      if (sample.atMs < fromMs || sample.atMs >= toMs) continue;
      const atMs = Math.floor(sample.atMs / stepMs) * stepMs;
      const key = `${atMs} ${board.slot}`;
      const group = groups.get(key) ?? { atMs, slot: board.slot, rows: [], gains: [] };
      groups.set(key, group);
      group.rows.push(board);
      if (board.hwErrors !== undefined && before && sample.atMs - before.atMs <= COUNTER_GAP_MS)
        group.gains.push(gained(before.errors, board.hwErrors));
    }
  }
  return [...groups.values()]
    .sort((a, b) => a.atMs - b.atMs || a.slot - b.slot)
    .map(({ atMs, slot, rows, gains }) => {
      const pick = (name: keyof Board) => defined(rows.map((row) => row[name]));
      const point: BoardPoint = { atMs, slot };
      const put = (name: Exclude<keyof Board, "slot">, value: number | undefined) => {
        if (value !== undefined) point[name] = value;
      };
      for (const name of MEANS) put(name, meanOf(pick(name)));
      put("boardTempC", maxOf(pick("boardTempC")));
      put("chipTempC", maxOf(pick("chipTempC")));
      put("chips", minOf(pick("chips")));
      put("chipsExpected", maxOf(pick("chipsExpected")));
      put("hwErrors", gains.length ? gains.reduce((sum, gain) => sum + gain, 0) : undefined);
      return point;
    });
}

/** Fans of one rig by step: mean rpm by place. `samples` are sorted by time. */
export function fansOf(samples: readonly StoredSample[], { fromMs, toMs, stepMs }: PartsRange): FanPoint[] {
  const steps = new Map<number, { sum: number; count: number }[]>();
  for (const { sample } of samples) {
    if (!sample.fansRpm?.length || sample.atMs < fromMs || sample.atMs >= toMs) continue;
    const atMs = Math.floor(sample.atMs / stepMs) * stepMs;
    const fans = steps.get(atMs) ?? [];
    steps.set(atMs, fans);
    for (const [place, rpm] of sample.fansRpm.entries()) {
      fans[place] ??= { sum: 0, count: 0 };
      fans[place].sum += rpm;
      fans[place].count++;
    }
  }
  return [...steps]
    .sort(([a], [b]) => a - b)
    .map(([atMs, fans]) => ({ atMs, fansRpm: fans.map(({ sum, count }) => sum / count) }));
}
