import type { Board } from "@hashwatt/protocol/sample";
import { BOARD_NUMBERS } from "../parts.js";
import type { StoredSample } from "../store.js";
import type { InfluxSeries } from "./client.js";
import { BOARD, RIG } from "./fields.js";
import type { InfluxReader } from "./reader.js";
import { boardOf, Columns, rigOf, sampleOf } from "./rows.js";
import { listed, slices, type Window, within } from "./windows.js";

const DAY_MS = 86_400_000;

/** Asks one statement of the database that the readings lie in; a long series comes in several parts. */
type AskParts = (statement: string) => AsyncIterable<InfluxSeries>;

/** Whole samples of a window, by time and rig, with their boards, fans and faults. */
export async function readSamples(
  ask: AskParts,
  reader: InfluxReader,
  window: Window,
): Promise<StoredSample[]> {
  const fields = await reader.rigFields();
  const all: StoredSample[] = [];
  for (const slice of slices(reader.held(window), DAY_MS)) {
    const byRig = new Map<number, Map<number, StoredSample>>();
    for await (const series of ask(
      `SELECT ${listed(fields)} FROM ${RIG} WHERE ${within(slice)} GROUP BY rig`,
    )) {
      const columns = new Columns(series);
      for (const row of series.values) {
        const stored = sampleOf(series, columns, row);
        if (!stored) continue;
        all.push(stored);
        const own = byRig.get(stored.rig) ?? new Map<number, StoredSample>();
        byRig.set(stored.rig, own);
        own.set(stored.sample.atMs, stored);
      }
    }
    await addBoards(ask, slice, byRig);
  }
  return all.sort((a, b) => a.sample.atMs - b.sample.atMs || a.rig - b.rig);
}

async function addBoards(
  ask: AskParts,
  slice: Window,
  byRig: ReadonlyMap<number, ReadonlyMap<number, StoredSample>>,
): Promise<void> {
  const boards = new Map<StoredSample, Board[]>();
  const statement = `SELECT ${listed(BOARD_NUMBERS)} FROM ${BOARD} WHERE ${within(slice)} GROUP BY rig`;
  for await (const series of ask(statement)) {
    const columns = new Columns(series);
    for (const row of series.values) {
      const stored = byRig.get(rigOf(series, columns, row) ?? -1)?.get(Number(row[columns.at("time")]));
      const board = boardOf(columns, row);
      if (!stored || !board) continue;
      const held = boards.get(stored);
      if (held) held.push(board);
      else boards.set(stored, [board]);
    }
  }
  for (const [{ sample }, held] of boards) sample.boards = held.sort((a, b) => a.slot - b.slot);
}
