import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import { kwhFromWMs, thsHoursFromThsMs } from "@hashwatt/protocol/units";
import { ServerError } from "../../error.js";
import type {
  BoardPoint,
  Commit,
  FanPoint,
  PartsRange,
  RawRow,
  RawSeriesQuery,
  RawSeriesStep,
  StoredSample,
  StreamMark,
  TelemetryStore,
} from "../store.js";
import { compactParts } from "./compact.js";
import { isInvalidated } from "./error.js";
import { type DuckFile, openDuckFile, setFileAside } from "./file.js";
import { readLatest } from "./latest.js";
import { readMarks, StreamMarks } from "./marks.js";
import {
  BOARD_COLUMNS,
  EXTRA_COLUMNS,
  FAN_COLUMNS,
  SAMPLE_COLUMNS,
  TELEMETRY_MIGRATIONS,
} from "./migrations.js";
import { addBoards, addFans, boardAt, placeFans } from "./partRows.js";
import { boardsSql, fansSql } from "./partsSql.js";
import { rawSeriesSql } from "./rawSeriesSql.js";
import { RowAppender } from "./rowAppender.js";
import { encodeExtras, encodeSample } from "./sampleRow.js";
import { bare, known, literal, literals, type Session } from "./session.js";
import { Texts } from "./texts.js";

/** How the telemetry file is opened. `report` gets sentences about damage found while it is open. */
export interface DuckTelemetryOptions {
  path: string;
  nowMs: () => number;
  report: (text: string) => void;
}

const RAW_COLUMNS = [
  "interval_ms",
  "status",
  "algo",
  "hashrate_ths",
  "power_w",
  "power_source",
  "inlet_c",
  "board_c",
  "chip_c",
  "fan_rpm",
  "accepted",
  "rejected",
  "stale",
  "accepted_diff",
  "uptime_s",
] as const;

/** One piece of a deletion: so much data time goes in one transaction, ms. */
const DROP_SLICE_MS = 3_600_000;
const TABLES = [
  "samples",
  "boards",
  "fans",
  "board_minutes",
  "fan_minutes",
  "last_boards",
  "last_fans",
  "faults",
];

/**
 * Raw samples and stream marks in one DuckDB file. Commits, reads and upkeep run on a connection each, so that none waits
 * for another; every command is one round in a worker thread. An empty `boards`, `fansRpm` or `faults` reads as absent.
 */
export class DuckTelemetryStore implements TelemetryStore {
  readonly kind = "duckdb";
  readonly #texts = new Texts();
  readonly #marks = new StreamMarks();
  readonly #samples = new RowAppender("samples", SAMPLE_COLUMNS.length);
  readonly #extras = new RowAppender("extras", EXTRA_COLUMNS.length);
  readonly #boards = new RowAppender("boards", BOARD_COLUMNS.length);
  readonly #fans = new RowAppender("fans", FAN_COLUMNS.length);
  readonly #row = new Float64Array(SAMPLE_COLUMNS.length);
  readonly #extraRow = new Float64Array(EXTRA_COLUMNS.length);
  #faulty = false;
  #faults!: DuckDBAppender;
  #file!: DuckFile;
  #writer!: Session;
  #reader!: Session;
  #keeper!: Session;
  #closed = false;

  private constructor(private readonly options: DuckTelemetryOptions) {}

  /**
   * Opens the file. One that cannot be read is set aside and a new one started: raw samples are replaceable, and what is
   * still spooled comes again. `reports` say what was wrong. Throws ServerError `storeLocked`, `storeSchema`, `storeFull`.
   */
  static async open(
    options: DuckTelemetryOptions,
  ): Promise<{ store: DuckTelemetryStore; reports: string[] }> {
    const store = new DuckTelemetryStore(options);
    return { store, reports: await store.#open() };
  }

  async #open(): Promise<string[]> {
    const { path, nowMs } = this.options;
    const how = { path, migrations: TELEMETRY_MIGRATIONS, memoryLimit: "128MB", threads: 2, nowMs: nowMs() };
    const reports: string[] = [];
    const open = async () => {
      const { file, reports: said } = await openDuckFile(how);
      reports.push(...said);
      try {
        await this.#attach(file);
      } catch (cause) {
        await file.close();
        throw cause;
      }
    };
    try {
      await open();
    } catch (cause) {
      if (!(cause instanceof ServerError) || cause.code !== "storeDamaged") throw cause;
      const aside = setFileAside(path, nowMs());
      reports.push(`${cause.message}; it was set aside as ${aside} and a new telemetry file begun`);
      await open();
    }
    return reports;
  }

  async #attach(file: DuckFile): Promise<void> {
    this.#file = file;
    this.#writer = await file.session();
    this.#reader = await file.session();
    this.#keeper = await file.session();
    await this.#writer.alone(async (connection) => {
      await this.#texts.load(connection);
      this.#marks.load(await readMarks(connection));
      await this.#openAppenders(connection);
    });
  }

  async #openAppenders(connection: DuckDBConnection): Promise<void> {
    await this.#samples.attach(connection);
    await this.#extras.attach(connection);
    await this.#boards.attach(connection);
    await this.#fans.attach(connection);
    this.#faults = await connection.createAppender("faults");
  }

  async append(commit: Commit): Promise<void> {
    this.#refuseIfClosed();
    try {
      await this.#commit(commit);
    } catch (cause) {
      if (!isInvalidated((cause as Error).cause) && (cause as ServerError).code !== "storeDamaged")
        throw cause;
      await this.#reopen();
      await this.#commit(commit);
    }
  }

  #commit({ samples, marks }: Commit): Promise<void> {
    return this.#writer
      .transactionEndingWith(async (connection) => {
        for (const stored of samples) this.#add(stored);
        await this.#texts.write(connection);
        for (const each of [this.#samples, this.#extras, this.#boards, this.#fans]) each.flush();
        if (this.#faulty) this.#faults.flushSync();
        this.#faulty = false;
        return this.#marks.prepare(connection, marks);
      })
      .then(
        () => {
          this.#texts.committed();
          this.#marks.committed();
        },
        async (cause) => {
          this.#texts.rolledBack();
          this.#marks.rolledBack();
          // An appender that failed serves no more. Where the database itself is gone, append opens it anew.
          await this.#writer.alone((connection) => this.#openAppenders(connection)).catch(() => undefined);
          throw cause;
        },
      );
  }

  #add(stored: StoredSample): void {
    const { rig, sample } = stored;
    encodeSample(stored, this.#row, this.#texts);
    this.#samples.add(sample.atMs, rig, this.#row);
    if (encodeExtras(stored, this.#extraRow, this.#texts)) this.#extras.add(sample.atMs, rig, this.#extraRow);
    addBoards(rig, sample, this.#boards);
    addFans(rig, sample, this.#fans);
    if (sample.faults?.length) {
      this.#faulty = true;
      this.#faults.appendBigInt(BigInt(sample.atMs));
      this.#faults.appendInteger(rig);
      this.#faults.appendVarchar(JSON.stringify(sample.faults));
      this.#faults.endRow();
    }
  }

  /** DuckDB serves a database no more after a failed write; opening it again brings back all that was committed. */
  async #reopen(): Promise<void> {
    await this.#file.close();
    for (const text of await this.#open()) this.options.report(text);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new ServerError("storeClosed", `${this.options.path} is closed`);
  }

  async marks(): Promise<StreamMark[]> {
    return this.#reader.alone(readMarks);
  }

  async dropMarks(beforeMs: number): Promise<void> {
    await this.#writer.transaction(async (connection) => {
      await connection.run(`DELETE FROM streams WHERE updated_ms < ${literal(beforeMs)}`);
      this.#marks.load(await readMarks(connection));
    });
  }

  async latest(): Promise<StoredSample[]> {
    return readLatest(this.#reader, this.#texts);
  }

  async raw(range: { fromMs: number; toMs: number; rigs?: readonly number[] }): Promise<RawRow[]> {
    const rigs = range.rigs ? `AND rig IN (${literals(range.rigs)})` : "";
    const columns = await this.#reader.columns(
      `SELECT ts::DOUBLE AS ts, rig, ${RAW_COLUMNS.map((name) => `${bare(name)} AS ${name}`).join(", ")}
       FROM samples WHERE ts >= ${literal(range.fromMs)} AND ts < ${literal(range.toMs)} ${rigs} ORDER BY rig, ts`,
    );
    const { ts = [], rig = [] } = columns;
    return ts.map((atMs, i) => {
      const value = (name: (typeof RAW_COLUMNS)[number]) => known(columns[name]?.[i]);
      return {
        rig: Number(rig[i]),
        atMs: Number(atMs),
        intervalMs: value("interval_ms")!,
        status: value("status")!,
        algo: this.#texts.textOf(value("algo")) ?? null,
        hashrateThs: value("hashrate_ths"),
        powerW: value("power_w"),
        powerSource: value("power_source"),
        inletTempC: value("inlet_c"),
        boardTempC: value("board_c"),
        chipTempC: value("chip_c"),
        fanRpm: value("fan_rpm"),
        accepted: value("accepted"),
        rejected: value("rejected"),
        stale: value("stale"),
        acceptedDiff: value("accepted_diff"),
        uptimeS: value("uptime_s"),
      };
    });
  }

  async rawSeries(query: RawSeriesQuery): Promise<RawSeriesStep[]> {
    const algoId = query.algo === undefined ? undefined : (this.#texts.lookup(query.algo) ?? -1);
    const columns = await this.#reader.columns(rawSeriesSql(query, algoId));
    return (columns.at_ms ?? []).map((atMs, i) => {
      const number = (name: string) => columns[name]?.[i] as number;
      const value = (name: string) => known(columns[name]?.[i]);
      return {
        atMs: atMs as number,
        reportingRigs: number("reporting"),
        coveredMs: number("covered_ms"),
        hashCoveredMs: number("hash_covered_ms"),
        powerCoveredMs: number("power_covered_ms"),
        thsHours: thsHoursFromThsMs(number("ths_ms"), 1),
        kwh: kwhFromWMs(number("w_ms"), 1),
        hashrateThs: value("hashrate_ths"),
        hashrateThsMin: value("hashrate_ths_min"),
        hashrateThsMax: value("hashrate_ths_max"),
        powerW: value("power_w"),
        powerWMin: value("power_w_min"),
        powerWMax: value("power_w_max"),
        inletTempC: value("inlet_c"),
        boardTempC: value("board_c"),
        boardTempCMax: value("board_c_max"),
        chipTempC: value("chip_c"),
        chipTempCMax: value("chip_c_max"),
        fanRpm: value("fan_rpm"),
      };
    });
  }

  async count({ fromMs, toMs }: { fromMs: number; toMs: number }): Promise<number> {
    const [row] = await this.#reader.rows(
      `SELECT count(*) AS n FROM samples WHERE ts >= ${literal(fromMs)} AND ts < ${literal(toMs)}`,
    );
    return Number(row?.n);
  }

  async bucketsSince(receivedMs: number, stepMs: number): Promise<number[]> {
    const step = literal(stepMs);
    const columns = await this.#reader.columns(
      `SELECT DISTINCT (ts // ${step} * ${step})::DOUBLE AS start FROM samples
       WHERE ts + lag_ms >= ${literal(receivedMs)} ORDER BY start`,
    );
    return (columns.start ?? []).map(Number);
  }

  async boards(range: PartsRange): Promise<BoardPoint[]> {
    const columns = await this.#reader.columns(boardsSql(range));
    return (columns.at_ms ?? []).map((atMs, i) => ({ atMs: Number(atMs), ...boardAt(columns, i) }));
  }

  async fans(range: PartsRange): Promise<FanPoint[]> {
    const columns = await this.#reader.columns(fansSql(range));
    const points: FanPoint[] = [];
    for (const [i, at] of (columns.at_ms ?? []).entries()) {
      let point = points.at(-1);
      if (point?.atMs !== at) {
        point = { atMs: Number(at), fansRpm: [] };
        points.push(point);
      }
      placeFans(columns, i, point.fansRpm);
    }
    return points;
  }

  async span(): Promise<{ fromMs: number; toMs: number } | undefined> {
    const [row] = await this.#reader.rows("SELECT min(ts) AS low, max(ts) AS high FROM samples");
    if (row?.low == null || row.high == null) return undefined;
    return { fromMs: Number(row.low), toMs: Number(row.high) };
  }

  async compactBoards(beforeMs: number): Promise<void> {
    await compactParts(this.#keeper, beforeMs);
  }

  async dropBefore(beforeMs: number): Promise<number> {
    let dropped = 0;
    for (const table of TABLES)
      for (;;) {
        // Asked anew each time: between a stray old row and the rest may lie years.
        const [row] = await this.#keeper.rows(`SELECT min(ts)::DOUBLE AS low FROM ${table}`);
        if (row?.low == null || Number(row.low) >= beforeMs) break;
        const to = Math.min(Number(row.low) + DROP_SLICE_MS, beforeMs);
        const gone = await this.#keeper.changed(`DELETE FROM ${table} WHERE ts < ${literal(to)}`);
        if (table === "samples") dropped += gone;
      }
    return dropped;
  }

  async bytes(): Promise<number> {
    return this.#file.bytes();
  }

  async usedBytes(): Promise<number> {
    return this.#file.usedBytes(this.#writer);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file.close();
  }
}
