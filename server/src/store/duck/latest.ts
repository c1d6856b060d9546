import type { Fault } from "@hashwatt/protocol/sample";
import { UNREACHABLE } from "../../rollup/hold.js";
import type { StoredSample } from "../store.js";
import { EXTRAS_HOLD_MS } from "./heldExtras.js";
import { BOARD_COLUMNS, EXTRA_COLUMNS, FAN_COLUMNS, SAMPLE_COLUMNS } from "./migrations.js";
import { boardAt, placeFans } from "./partRows.js";
import { decodeSample } from "./sampleRow.js";
import { bare, type Columns, known, literal, literals, type Session } from "./session.js";
import type { Texts } from "./texts.js";

/** Each rig's newest instant. */
const NEWEST = "WITH newest AS (SELECT rig, max(ts) AS ts FROM samples GROUP BY rig)";
/** Rows of `table` at those instants; the lower bound lets DuckDB skip what is older than all of them. */
const at = (table: string, columns: readonly string[]): string =>
  `SELECT t.rig, t.ts::DOUBLE AS ts, ${columns.map((name) => `${bare(`t.${name}`)} AS ${name}`).join(", ")}
   FROM ${table} t JOIN newest n ON t.rig = n.rig AND t.ts = n.ts`;

/** When rigs last answered at or after `fromMs`: by the stamp, but no later than the arrival that proves it. */
export async function readAnswered(
  session: Session,
  { rigs, fromMs }: { rigs: readonly number[]; fromMs: number },
): Promise<Map<number, number>> {
  const columns = await session.columns(
    `SELECT rig, max(ts + least(lag_ms, 0))::DOUBLE AS at_ms FROM samples
     WHERE ts >= ${literal(fromMs)} AND rig IN (${literals(rigs)}) AND status <> ${UNREACHABLE} GROUP BY rig`,
  );
  return new Map((columns.rig ?? []).map((rig, i) => [Number(rig), Number(columns.at_ms![i])]));
}

/** The extras that hold at each rig's newest instant; `instants` are those. */
async function readExtras(session: Session, instants: readonly number[]): Promise<Columns> {
  if (!instants.length) return {};
  const oldest = instants.reduce((low, ts) => Math.min(low, ts));
  // As a literal, so that DuckDB skips what is older.
  const from = literal(oldest - EXTRAS_HOLD_MS);
  return session.columns(
    `${NEWEST}, held AS (
       SELECT t.rig, max(t.ts) AS ts FROM extras t JOIN newest n ON t.rig = n.rig
       WHERE t.ts > ${from} AND t.ts <= n.ts AND t.ts > n.ts - ${EXTRAS_HOLD_MS} AND (t.alone IS NULL OR t.ts = n.ts)
       GROUP BY t.rig)
     SELECT t.rig, ${EXTRA_COLUMNS.map((name) => `${bare(`t.${name}`)} AS ${name}`).join(", ")}
     FROM extras t JOIN held h ON t.rig = h.rig AND t.ts = h.ts WHERE t.ts > ${from}`,
  );
}

/** The latest sample of every rig, put together again from all tables, by rig. */
export async function readLatest(session: Session, texts: Texts): Promise<StoredSample[]> {
  const rows = await session.columns(`${NEWEST} ${at("samples", SAMPLE_COLUMNS)}`);
  const extras = await readExtras(session, (rows.ts ?? []).map(Number));
  const extraAt = new Map((extras.rig ?? []).map((rig, i) => [Number(rig), i]));
  const byRig = new Map<number, StoredSample>();
  for (const [i, rig] of (rows.rig ?? []).entries()) {
    const value = (name: string) =>
      known(rows[name]?.[i]) ?? known(extras[name]?.[extraAt.get(Number(rig)) ?? -1]);
    const stored = decodeSample(Number(rig), Number(rows.ts![i]), value, texts);
    byRig.set(stored.rig, stored);
  }
  const seen = new Set<string>();
  for (const table of ["boards", "last_boards"]) {
    const boards = await session.columns(`${NEWEST} ${at(table, BOARD_COLUMNS)} ORDER BY t.rig, t.slot`);
    for (const [i, rig] of (boards.rig ?? []).entries()) {
      const sample = byRig.get(Number(rig))?.sample;
      const board = boardAt(boards, i);
      const key = `${rig} ${board.slot}`;
      if (!sample || seen.has(key)) continue;
      seen.add(key);
      sample.boards = [...(sample.boards ?? []), board];
    }
  }
  const fans = new Map<number, (number | null)[]>();
  for (const table of ["last_fans", "fans"]) {
    const columns = await session.columns(`${NEWEST} ${at(table, FAN_COLUMNS)}`);
    for (const [i, rig] of (columns.rig ?? []).entries()) {
      const places = fans.get(Number(rig)) ?? [];
      fans.set(Number(rig), places);
      placeFans(columns, i, places);
    }
  }
  for (const [rig, places] of fans) {
    const stored = byRig.get(rig);
    const held = places.filter((rpm) => rpm !== null);
    if (!stored) continue;
    const [slowest] = stored.sample.fansRpm ?? [];
    if (slowest !== undefined && (!held.length || Math.min(...held) !== slowest))
      stored.slowestFanRpm = slowest;
    if (held.length) stored.sample.fansRpm = held;
    else delete stored.sample.fansRpm;
  }
  const faults = await session.rows(
    `${NEWEST} SELECT f.rig, f.faults FROM faults f JOIN newest n ON f.rig = n.rig AND f.ts = n.ts`,
  );
  for (const { rig, faults: json } of faults) {
    const sample = byRig.get(Number(rig))?.sample;
    if (sample) sample.faults = JSON.parse(String(json)) as Fault[];
  }
  return [...byRig.values()].sort((a, b) => a.rig - b.rig);
}
