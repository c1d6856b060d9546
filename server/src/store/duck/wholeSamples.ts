import type { Fault } from "@hashwatt/protocol/sample";
import { UNREACHABLE } from "../../rollup/hold.js";
import { PART_STEP_MS } from "../parts.js";
import { slowestFan } from "../rawRow.js";
import type { StoredSample } from "../store.js";
import { EXTRAS_HOLD_MS } from "./heldExtras.js";
import {
  BOARD_COLUMNS,
  EXTRA_COLUMNS,
  EXTRA_ROW_COLUMNS,
  FAN_COLUMNS,
  SAMPLE_COLUMNS,
} from "./migrations.js";
import { boardAt, placeFans } from "./partRows.js";
import { type Column, decodeSample } from "./sampleRow.js";
import { bare, type Columns, known, literal, literals, type Session } from "./session.js";
import type { Texts } from "./texts.js";

/** A window of time. */
interface Window {
  fromMs: number;
  toMs: number;
}

const inWindow = ({ fromMs, toMs }: Window, ts = "ts"): string =>
  `${ts} >= ${literal(fromMs)} AND ${ts} < ${literal(toMs)}`;
/** The whole minutes that a window touches. */
const minutesOf = ({ fromMs, toMs }: Window): Window => ({
  fromMs: Math.floor(fromMs / PART_STEP_MS) * PART_STEP_MS,
  toMs: Math.ceil(toMs / PART_STEP_MS) * PART_STEP_MS,
});
const select = (table: string, names: readonly string[], window: Window): string =>
  `SELECT rig, ts::DOUBLE AS ts, ${names.map((name) => `${bare(name)} AS ${name}`).join(", ")}
   FROM ${table} WHERE ${inWindow(window)} ORDER BY ts, rig`;

/**
 * Each rig's last reading of a minute that has parts of its own kind and no full rows of them: what stands for a compacted
 * minute. It does not depend on where a window cuts the minute.
 */
const standIns = (full: string, condition: string, window: Window): string =>
  `SELECT s.rig, s.ts - s.ts % ${PART_STEP_MS} AS minute, max(s.ts) AS ts FROM samples s
   WHERE ${inWindow(minutesOf(window), "s.ts")} AND ${condition}
     AND NOT EXISTS (SELECT 1 FROM ${full} f WHERE f.rig = s.rig AND f.ts = s.ts AND ${inWindow(minutesOf(window), "f.ts")})
   GROUP BY s.rig, minute`;

/** Compacted minutes of boards, each at the reading that stands for it. The counter is that of the minute's last reading. */
const boardMinutes = (window: Window): string => {
  const names = BOARD_COLUMNS.map(
    (name) => `${bare(name === "hw_errors" ? "m.hw_last" : `m.${name}`)} AS ${name}`,
  );
  return `WITH last AS (${standIns("boards", `s.status <> ${UNREACHABLE}`, window)})
   SELECT l.rig, l.ts::DOUBLE AS ts, ${names.join(", ")} FROM board_minutes m JOIN last l ON m.rig = l.rig AND m.ts = l.minute
   WHERE ${inWindow(minutesOf(window), "m.ts")} AND ${inWindow(window, "l.ts")} ORDER BY l.ts, l.rig, m.slot`;
};

const fanMinutes = (window: Window): string => {
  const names = FAN_COLUMNS.map((name) => `${bare(`m.${name}`)} AS ${name}`);
  return `WITH last AS (${standIns("fans", "s.fan_rpm IS NOT NULL", window)})
   SELECT l.rig, l.ts::DOUBLE AS ts, ${names.join(", ")} FROM fan_minutes m JOIN last l ON m.rig = l.rig AND m.ts = l.minute
   WHERE ${inWindow(minutesOf(window), "m.ts")} AND ${inWindow(window, "l.ts")} ORDER BY l.ts, l.rig`;
};

const keyAt = ({ rig, ts }: Columns, i: number): string => `${rig![i]} ${ts![i]}`;

/**
 * Whole samples of a window, by time and rig, put together again from all tables. Boards and fans whose hour was compacted
 * are at one reading of each minute, as that minute's means; at the others the slowest fan alone is known.
 */
export async function readSamples(session: Session, window: Window, texts: Texts): Promise<StoredSample[]> {
  const rows = await session.columns(select("samples", SAMPLE_COLUMNS, window));
  const extras = await readExtras(session, window, rows);
  const all: StoredSample[] = [];
  /** Of several samples of one rig and instant the first has the parts. */
  const byKey = new Map<string, StoredSample>();
  for (const [i, rig] of (rows.rig ?? []).entries()) {
    const atMs = Number(rows.ts![i]);
    const held = extras.at(Number(rig), atMs, Number(rows.status![i]));
    const value = (name: Column) => known(rows[name]?.[i]) ?? held(name);
    const stored = decodeSample(Number(rig), atMs, value, texts);
    const key = keyAt(rows, i);
    if (!byKey.has(key)) byKey.set(key, stored);
    all.push(stored);
  }
  const boards = `SELECT rig, ts::DOUBLE AS ts, ${BOARD_COLUMNS.map((name) => `${bare(name)} AS ${name}`).join(", ")}
    FROM boards WHERE ${inWindow(window)} ORDER BY ts, rig, slot`;
  for (const sql of [boards, boardMinutes(window)]) placeBoards(await session.columns(sql), byKey);
  await placeAllFans(session, window, byKey);
  const faults = await session.rows(
    `SELECT rig, ts::DOUBLE AS ts, faults FROM faults WHERE ${inWindow(window)}`,
  );
  for (const { rig, ts, faults: json } of faults) {
    const sample = byKey.get(`${rig} ${ts}`)?.sample;
    if (sample) sample.faults = JSON.parse(String(json)) as Fault[];
  }
  return all;
}

/** A row of extras. */
interface ExtraRow {
  columns: Columns;
  i: number;
  ts: number;
}

/** Values that hold from a row of extras on, for readings that are asked for in order of time. */
class Extras {
  #next = 0;
  readonly #holding = new Map<number, ExtraRow>();
  /** Rows of one reading alone. */
  readonly #alone = new Map<string, ExtraRow>();

  /** `rows` are in order of time. */
  constructor(private readonly rows: readonly ExtraRow[]) {}

  /** What holds for a reading; the function reads a column. */
  at(rig: number, atMs: number, status: number): (name: string) => number | null {
    for (; this.#next < this.rows.length && this.rows[this.#next]!.ts <= atMs; this.#next++) {
      const row = this.rows[this.#next]!;
      if (isAlone(row)) this.#alone.set(keyAt(row.columns, row.i), row);
      else this.#holding.set(Number(row.columns.rig![row.i]), row);
    }
    const row = this.#alone.get(`${rig} ${atMs}`) ?? this.#holding.get(rig);
    if (!row || row.ts <= atMs - EXTRAS_HOLD_MS) return () => null;
    // Files of the first schema have no row where nothing is reported: a rig that does not answer must not go on with its last.
    const onlyClock = status === UNREACHABLE && row.ts !== atMs;
    return (name) => (onlyClock && name !== "clock" ? null : known(row.columns[name]?.[row.i]));
  }
}

const isAlone = ({ columns, i }: ExtraRow): boolean => known(columns.alone?.[i]) !== null;
const rowsOf = (columns: Columns): ExtraRow[] =>
  (columns.ts ?? []).map((ts, i) => ({ columns, i, ts: Number(ts) }));

/** The extras of a window's `rows`, and for rigs that it begins amidst a row of theirs, that row. */
async function readExtras(session: Session, window: Window, rows: Columns): Promise<Extras> {
  const within = rowsOf(await session.columns(select("extras", EXTRA_ROW_COLUMNS, window)));
  const firstRow = new Map<number, number>();
  for (const row of within) {
    const rig = Number(row.columns.rig![row.i]);
    if (!isAlone(row) && !firstRow.has(rig)) firstRow.set(rig, row.ts);
  }
  const open = new Set<number>();
  for (const [i, rig] of (rows.rig ?? []).entries())
    if ((firstRow.get(Number(rig)) ?? Number.POSITIVE_INFINITY) > Number(rows.ts![i])) open.add(Number(rig));
  if (!open.size) return new Extras(within);
  const before = { fromMs: window.fromMs - EXTRAS_HOLD_MS, toMs: window.fromMs };
  const own = (alias: string) =>
    `${inWindow(before, `${alias}.ts`)} AND ${alias}.rig IN (${literals([...open])}) AND ${alias}.alone IS NULL`;
  const held = await session.columns(
    `WITH held AS (SELECT e.rig, max(e.ts) AS ts FROM extras e WHERE ${own("e")} GROUP BY e.rig)
     SELECT t.rig, t.ts::DOUBLE AS ts, ${EXTRA_COLUMNS.map((name) => `${bare(`t.${name}`)} AS ${name}`).join(", ")}
     FROM extras t JOIN held h ON t.rig = h.rig AND t.ts = h.ts WHERE ${own("t")} ORDER BY t.ts`,
  );
  return new Extras([...rowsOf(held), ...within]);
}

function placeBoards(columns: Columns, byKey: ReadonlyMap<string, StoredSample>): void {
  for (let i = 0; i < (columns.rig?.length ?? 0); i++) {
    const sample = byKey.get(keyAt(columns, i))?.sample;
    if (!sample) continue;
    const board = boardAt(columns, i);
    sample.boards ??= [];
    // Two samples of one instant have their rows together.
    if (!sample.boards.some(({ slot }) => slot === board.slot)) sample.boards.push(board);
  }
}

async function placeAllFans(
  session: Session,
  window: Window,
  byKey: ReadonlyMap<string, StoredSample>,
): Promise<void> {
  const compacted = await session.columns(
    `SELECT DISTINCT rig, ts::DOUBLE AS ts FROM fan_minutes WHERE ${inWindow(minutesOf(window))}`,
  );
  const minutes = new Set((compacted.rig ?? []).map((_, i) => keyAt(compacted, i)));
  const places = new Map<StoredSample, (number | null)[]>();
  const place = (columns: Columns) => {
    for (let i = 0; i < (columns.rig?.length ?? 0); i++) {
      const stored = byKey.get(keyAt(columns, i));
      if (!stored) continue;
      const held = places.get(stored) ?? [];
      places.set(stored, held);
      placeFans(columns, i, held);
    }
  };
  place(await session.columns(select("fans", FAN_COLUMNS, window)));
  const full = new Set(places.keys());
  place(await session.columns(fanMinutes(window)));
  for (const stored of byKey.values()) {
    const { rig, sample } = stored;
    const minute = Math.floor(sample.atMs / PART_STEP_MS) * PART_STEP_MS;
    const fans = places.get(stored)?.filter((rpm) => rpm !== null);
    const [slowest] = sample.fansRpm ?? [];
    // A single fan is in the sample's own row and has none beside it.
    if (slowest === undefined || !(full.has(stored) || minutes.has(`${rig} ${minute}`))) continue;
    if (!full.has(stored) || slowestFan(fans) !== slowest) stored.slowestFanRpm = slowest;
    if (fans?.length) sample.fansRpm = fans;
    else delete sample.fansRpm;
  }
}
