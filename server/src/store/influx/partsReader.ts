import type { Board } from "@hashwatt/protocol/sample";
import { COUNTER_GAP_MS, gained } from "../parts.js";
import type { BoardPoint, FanPoint, PartsRange } from "../store.js";
import type { InfluxSeries } from "./client.js";
import { BOARD, FANS, RIG } from "./fields.js";
import type { InfluxReader } from "./reader.js";
import { Columns, tagOf } from "./rows.js";
import { inTurns, ofRigs, slices, type Window, within } from "./windows.js";

const DAY_MS = 86_400_000;
const AT_ONCE = 2;

/** How a step of a board follows from its readings, but for errors gained. */
const BOARD_STEP: readonly [Exclude<keyof Board, "slot" | "hwErrors">, "mean" | "min" | "max"][] = [
  ["hashrateThs", "mean"],
  ["frequencyMHz", "mean"],
  ["voltageV", "mean"],
  ["boardTempC", "max"],
  ["chipTempC", "max"],
  ["chips", "min"],
  ["chipsExpected", "max"],
];

/** Asks one statement of the database that the readings lie in. */
type Ask = (statement: string) => Promise<InfluxSeries[]>;

/** A window in pieces of about a day that cut no step. */
const pieces = (window: Window, stepMs: number): Window[] =>
  slices(window, Math.max(1, Math.floor(DAY_MS / stepMs)) * stepMs);

/**
 * Boards of one rig by step and slot. The means and extremes are the InfluxDB's own, which are those of `boardsOf`; errors
 * gained are told from the counters themselves, for no function of InfluxQL knows that a counter began anew.
 */
export async function readBoards(ask: Ask, reader: InfluxReader, range: PartsRange): Promise<BoardPoint[]> {
  const { rig, stepMs } = range;
  const window = reader.held(range);
  const chosen = BOARD_STEP.map(([name, how]) => `${how}("${name}") AS "${name}"`).join(", ");
  const asked = pieces(window, stepMs).map(
    (piece) =>
      `SELECT count("slot") AS "n", ${chosen} FROM ${BOARD} WHERE ${within(piece)} AND ${ofRigs([rig])} GROUP BY time(${stepMs}ms), board fill(none)`,
  );
  const points = new Map<string, BoardPoint>();
  for (const series of (await inTurns(asked, AT_ONCE, ask)).flat()) {
    const columns = new Columns(series);
    for (const row of series.values) {
      const slot = Number(tagOf(series, "board", columns, row));
      const atMs = Number(row[columns.at("time")]);
      if (!row[columns.at("n")]) continue;
      const point: BoardPoint = { atMs, slot };
      for (const [name] of BOARD_STEP) {
        const value = row[columns.at(name)];
        if (typeof value === "number") point[name] = value;
      }
      points.set(`${atMs} ${slot}`, point);
    }
  }
  for (const [key, errors] of await errorsGained(ask, range, window)) {
    const point = points.get(key);
    if (point) point.hwErrors = errors;
  }
  return [...points.values()].sort((a, b) => a.atMs - b.atMs || a.slot - b.slot);
}

/** Errors gained by step and slot, as `boardsOf` tells them. */
async function errorsGained(
  ask: Ask,
  { rig, stepMs }: PartsRange,
  { fromMs, toMs }: Window,
): Promise<Map<string, number>> {
  const asked = slices({ fromMs: fromMs - COUNTER_GAP_MS, toMs }, DAY_MS).map(
    (slice) => `SELECT "hwErrors" FROM ${BOARD} WHERE ${within(slice)} AND ${ofRigs([rig])} GROUP BY board`,
  );
  const before = new Map<number, { atMs: number; errors: number }>();
  const gains = new Map<string, number>();
  for (const series of (await inTurns(asked, AT_ONCE, ask)).flat()) {
    const columns = new Columns(series);
    for (const row of series.values) {
      const slot = Number(tagOf(series, "board", columns, row));
      const [atMs, errors] = [Number(row[columns.at("time")]), row[columns.at("hwErrors")]];
      if (typeof errors !== "number") continue;
      const last = before.get(slot);
      before.set(slot, { atMs, errors });
      if (!last || atMs < fromMs || atMs - last.atMs > COUNTER_GAP_MS) continue;
      const key = `${Math.floor(atMs / stepMs) * stepMs} ${slot}`;
      gains.set(key, (gains.get(key) ?? 0) + gained(last.errors, errors));
    }
  }
  return gains;
}

/** Fans of one rig by step: mean rpm by place. */
export async function readFans(ask: Ask, reader: InfluxReader, range: PartsRange): Promise<FanPoint[]> {
  const { rig, stepMs } = range;
  const known = new Set(await reader.rigFields());
  const fans = FANS.filter((name) => known.has(name));
  if (!fans.length) return [];
  const means = fans.map((name) => `mean("${name}") AS "${name}"`).join(", ");
  const asked = pieces(reader.held(range), stepMs).map(
    (piece) =>
      `SELECT ${means} FROM ${RIG} WHERE ${within(piece)} AND ${ofRigs([rig])} GROUP BY time(${stepMs}ms) fill(none)`,
  );
  const points: FanPoint[] = [];
  for (const series of (await inTurns(asked, AT_ONCE, ask)).flat()) {
    const columns = new Columns(series);
    for (const row of series.values) {
      const rpm = fans.map((name) => row[columns.at(name)]);
      const places = rpm.findLastIndex((value) => typeof value === "number") + 1;
      if (!places) continue;
      points.push({
        atMs: Number(row[columns.at("time")]),
        fansRpm: rpm.slice(0, places).map((value) => (typeof value === "number" ? value : null)),
      });
    }
  }
  return points.sort((a, b) => a.atMs - b.atMs);
}
