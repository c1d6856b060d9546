import { ServerError } from "../../error.js";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "../../rollup/row.js";
import { ROLLUP_COLUMNS } from "../duck/migrations.js";
import { RowAppender } from "../duck/rowAppender.js";
import { bare, known, literal, literals, type Session } from "../duck/session.js";
import type { Texts } from "../duck/texts.js";
import {
  decodeRollups,
  decodeSiteRollups,
  encodeRollup,
  rollupSelect,
  siteRollupSelect,
  siteRollupValues,
} from "./rollupRow.js";
import { quoted } from "./sqlText.js";
import type { MeanTemps, RollupRange, StateStore, Uptime } from "./state.js";

const TABLES = new Map([
  [BUCKET_MS, "rollups_5m"],
  [HOUR_MS, "rollups_1h"],
]);
/** Site rows in one INSERT. */
const SITE_ROWS = 500;

function tableOf(stepMs: number): string {
  const table = TABLES.get(stepMs);
  if (!table) throw new ServerError("storeFailed", `no rollups of ${stepMs} ms are kept`);
  return table;
}

/** Rollup rows of the state file. Replacing is: name the keys, delete what has them, append. */
export class RollupTables {
  readonly #keys = new RowAppender("rollup_keys", 0);
  readonly #appenders = new Map(
    [...TABLES].map(([step, name]) => [step, new RowAppender(name, ROLLUP_COLUMNS.length)]),
  );
  readonly #row = new Float64Array(ROLLUP_COLUMNS.length);

  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
    private readonly texts: Texts,
  ) {}

  /** Opens the ways for writing on a connection that no command runs on. */
  async open(connection: Session["connection"]): Promise<void> {
    await connection.run("CREATE OR REPLACE TEMP TABLE rollup_keys (start_ms BIGINT, rig INTEGER)");
    await this.#keys.attach(connection);
    for (const appender of this.#appenders.values()) await appender.attach(connection);
  }

  async put(rows: readonly RollupRow[], sites: readonly SiteRollupRow[]): Promise<void> {
    if (rows.length + sites.length === 0) return;
    try {
      await this.writer.transaction(async (connection) => {
        for (const stepMs of TABLES.keys()) {
          const kept = new Map<string, RollupRow>();
          for (const row of rows) if (row.stepMs === stepMs) kept.set(`${row.startMs} ${row.rig}`, row);
          if (kept.size > 0) await this.#replace(connection, stepMs, [...kept.values()]);
        }
        for (const row of rows) tableOf(row.stepMs);
        await this.texts.write(connection);
        await this.#putSites(connection, sites);
      });
      this.texts.committed();
    } catch (cause) {
      this.texts.rolledBack();
      // An appender that failed serves no more. Where the database itself is gone, opening it anew makes new ones.
      await this.writer.alone((connection) => this.open(connection)).catch(() => undefined);
      throw cause;
    }
  }

  async #replace(
    connection: Session["connection"],
    stepMs: number,
    rows: readonly RollupRow[],
  ): Promise<void> {
    const table = tableOf(stepMs);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    await connection.run("DELETE FROM rollup_keys");
    for (const { startMs, rig } of rows) {
      low = Math.min(low, startMs);
      high = Math.max(high, startMs);
      this.#keys.add(startMs, rig, this.#row);
    }
    this.#keys.flush();
    await connection.run(
      `DELETE FROM ${table} USING rollup_keys k
       WHERE ${table}.start_ms BETWEEN ${literal(low)} AND ${literal(high)} AND ${table}.start_ms = k.start_ms AND ${table}.rig = k.rig`,
    );
    const appender = this.#appenders.get(stepMs)!;
    for (const row of rows) {
      encodeRollup(row, this.#row, this.texts);
      appender.add(row.startMs, row.rig, this.#row);
    }
    appender.flush();
  }

  async #putSites(connection: Session["connection"], sites: readonly SiteRollupRow[]): Promise<void> {
    const kept = new Map<string, SiteRollupRow>();
    for (const row of sites) kept.set(`${row.startMs} ${row.stepMs} ${row.site} ${row.algo}`, row);
    const rows = [...kept.values()];
    for (let first = 0; first < rows.length; first += SITE_ROWS) {
      const part = rows.slice(first, first + SITE_ROWS);
      const starts = part.map(({ startMs }) => startMs);
      const key = ({ startMs, stepMs, site, algo }: SiteRollupRow) =>
        `(${literal(startMs)}, ${literal(stepMs)}, ${quoted(site)}, ${quoted(algo)})`;
      await connection.run(
        `DELETE FROM site_rollups WHERE start_ms BETWEEN ${literal(Math.min(...starts))} AND ${literal(Math.max(...starts))}
         AND (start_ms, step_ms, site, algo) IN (${part.map(key).join(",")})`,
      );
      const values = part.map(
        (row) =>
          `${key(row).slice(0, -1)}, ${siteRollupValues(row)
            .map((value) => (value === null ? "NULL" : literal(value)))
            .join(", ")})`,
      );
      await connection.run(`INSERT INTO site_rollups VALUES ${values.join(",")}`);
    }
  }

  async rollups(range: RollupRange & { rigs?: readonly number[] }): Promise<RollupRow[]> {
    const rigs = range.rigs ? `AND rig IN (${literals(range.rigs)})` : "";
    const columns = await this.reader.columns(
      `SELECT ${rollupSelect(bare)} FROM ${tableOf(range.stepMs)}
       WHERE start_ms >= ${literal(range.fromMs)} AND start_ms < ${literal(range.toMs)} ${rigs} ORDER BY start_ms, rig`,
    );
    return decodeRollups(columns, range.stepMs, this.texts);
  }

  async siteRollups(range: RollupRange & { site: string; algo?: string }): Promise<SiteRollupRow[]> {
    const algo = range.algo === undefined ? "" : `AND algo = ${quoted(range.algo)}`;
    const columns = await this.reader.columns(
      `SELECT ${siteRollupSelect(bare)} FROM site_rollups
       WHERE start_ms >= ${literal(range.fromMs)} AND start_ms < ${literal(range.toMs)} AND step_ms = ${literal(range.stepMs)}
         AND site = ${quoted(range.site)} ${algo} ORDER BY start_ms, algo`,
    );
    return decodeSiteRollups(columns, range.stepMs);
  }

  async uptimes(
    rigs: readonly number[],
    windows: readonly { fromMs: number; toMs: number }[],
  ): Promise<Map<number, Uptime>> {
    const first = windows[0];
    const last = windows.at(-1);
    if (!first || !last || !rigs.length) return new Map();
    const within = windows.map(
      ({ fromMs, toMs }) => `(start_ms >= ${literal(fromMs)} AND start_ms < ${literal(toMs)})`,
    );
    const rows = await this.reader.rows(
      `SELECT rig, sum(mining_ms)::DOUBLE AS up, sum(covered_ms - mining_ms)::DOUBLE AS standing,
         sum(CASE WHEN samples > 0 THEN ${BUCKET_MS} - covered_ms ELSE 0 END)::DOUBLE AS missed
       FROM rollups_5m WHERE start_ms >= ${literal(first.fromMs)} AND start_ms < ${literal(last.toMs)}
         AND rig IN (${literals(rigs)}) AND (${within.join(" OR ")}) GROUP BY rig`,
    );
    return new Map(
      rows.map(({ rig, up, standing, missed }) => [
        Number(rig),
        { upMs: Number(up), standingMs: Number(standing), missedMs: Number(missed) },
      ]),
    );
  }

  async meanTemps({ fromMs, toMs, rigs }: Parameters<StateStore["meanTemps"]>[0]): Promise<MeanTemps[]> {
    const { rig, start, chip, board } = await this.reader.columns(
      `SELECT rig, start_ms::DOUBLE AS start, ${bare("chip_mean")} AS chip, ${bare("board_mean")} AS board FROM rollups_5m
       WHERE start_ms >= ${literal(fromMs)} AND start_ms < ${literal(toMs)} AND rig IN (${literals(rigs)})
         AND mining_ms >= ${literal(BUCKET_MS / 2)} ORDER BY start_ms, rig`,
    );
    return (rig ?? []).map((each, i) => {
      const [chipC, boardC] = [known(chip?.[i]), known(board?.[i])];
      return {
        rig: Number(each),
        startMs: Number(start![i]),
        ...(chipC !== null && { chipC }),
        ...(boardC !== null && { boardC }),
      };
    });
  }

  /** Start of the oldest or newest row of a step length. */
  async end(stepMs: number, which: "min" | "max"): Promise<number | undefined> {
    const [row] = await this.reader.rows(
      `SELECT ${which}(start_ms)::DOUBLE AS start FROM ${tableOf(stepMs)}`,
    );
    return row?.start == null ? undefined : Number(row.start);
  }

  /** Deletes a day of rows per transaction. */
  async drop(stepMs: number, beforeMs: number): Promise<number> {
    const table = tableOf(stepMs);
    for (let dropped = 0; ; ) {
      const oldest = await this.end(stepMs, "min");
      if (oldest === undefined || oldest >= beforeMs) return dropped;
      const to = Math.min(oldest + 24 * HOUR_MS, beforeMs);
      dropped += await this.writer.changed(`DELETE FROM ${table} WHERE start_ms < ${literal(to)}`);
    }
  }
}
