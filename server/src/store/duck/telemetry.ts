import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api";
import { ServerError } from "../../error.js";
import type {
  BoardPoint,
  Commit,
  ExportControl,
  FanPoint,
  PartsRange,
  RawRow,
  RawSeriesQuery,
  RawSeriesStep,
  StoredSample,
  StreamMark,
  TelemetryExport,
  TelemetryStore,
} from "../store.js";
import { replaceFile } from "./aside.js";
import { compactParts } from "./compact.js";
import { copyRows } from "./copyRows.js";
import { dropBefore } from "./drop.js";
import { duckError } from "./error.js";
import { samplesSql } from "./exportSamples.js";
import { exportTelemetry } from "./exportTelemetry.js";
import { ExtraRows } from "./extraRows.js";
import { DuckFile, type DuckFileOptions } from "./file.js";
import { readAnswered, readLatest } from "./latest.js";
import { readMarks, StreamMarks } from "./marks.js";
import { BOARD_COLUMNS, FAN_COLUMNS, SAMPLE_COLUMNS, TELEMETRY_MIGRATIONS } from "./migrations.js";
import { addBoards, addFans } from "./partRows.js";
import {
  countSamples,
  type RawRange,
  readBoards,
  readBuckets,
  readFans,
  readRaw,
  readRawSeries,
  readSpan,
} from "./read.js";
import { dropRows, RowAppender } from "./rowAppender.js";
import { encodeSample } from "./sampleRow.js";
import { literal, type Session } from "./session.js";
import { Texts } from "./texts.js";
import { readSamples } from "./wholeSamples.js";

/** How the telemetry file is opened. `report` gets sentences about damage found while it is open. */
export interface DuckTelemetryOptions {
  path: string;
  nowMs: () => number;
  report: (text: string) => void;
  /** What to do with a file that cannot be read; absent = it is set aside and a new one begun. */
  damaged?: "throw";
}

/**
 * Raw samples and stream marks in one DuckDB file. Commits, reads and upkeep run on a connection each, so that none waits
 * for another; every command is one round in a worker thread. An empty `boards`, `fansRpm` or `faults` reads as absent.
 */
export class DuckTelemetryStore implements TelemetryStore {
  readonly kind = "duckdb";
  readonly #texts = new Texts();
  readonly #marks = new StreamMarks();
  readonly #samples = new RowAppender("samples", SAMPLE_COLUMNS.length);
  readonly #extras = new ExtraRows();
  readonly #boards = new RowAppender("boards", BOARD_COLUMNS.length);
  readonly #fans = new RowAppender("fans", FAN_COLUMNS.length);
  readonly #row = new Float64Array(SAMPLE_COLUMNS.length);
  #faulty = false;
  /** What opening read, for the first {@link latest}. */
  #hydrated: StoredSample[] | undefined;
  #faults: DuckDBAppender | undefined;
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
    const { path, nowMs, report, damaged = "replace" } = this.options;
    const how: DuckFileOptions = {
      path,
      nowMs,
      report,
      migrations: TELEMETRY_MIGRATIONS,
      memoryLimit: "128MB",
      // The merging of row groups takes what it is let have; with 24 MB a checkpoint of one large commit has failed.
      restLimit: "28MB",
      checkpointAt: "5MB",
      // Twice what 10,000 rigs with boards tell every 5 s.
      paceBytesPerS: 2_000_000,
      threads: 2,
      damaged,
    };
    const { file, reports } = await DuckFile.open(how);
    try {
      await this.#attach(file);
      return reports;
    } catch (cause) {
      await file.close();
      if (damaged === "throw" || !(cause instanceof ServerError) || cause.code !== "storeDamaged")
        throw cause;
      const said = replaceFile(path, nowMs(), cause);
      const fresh = await DuckFile.open(how);
      await this.#attach(fresh.file);
      return [...reports, said, ...fresh.reports];
    }
  }

  async #attach(file: DuckFile): Promise<void> {
    this.#file = file;
    this.#writer = await file.session("light");
    this.#reader = await file.session();
    this.#keeper = await file.session();
    try {
      await file.whenOpen(async () => {
        const { connection } = this.#writer;
        await this.#texts.load(connection);
        this.#marks.load(await readMarks(connection));
        await this.#openAppenders(connection);
      });
    } catch (cause) {
      throw duckError(cause, file.path);
    }
    // Reads the instant and rig of every row and the newest rows whole: a block that is damaged there shows now.
    this.#hydrated = await readLatest(this.#writer, this.#texts);
    this.#extras.begin(this.#hydrated);
  }

  async #openAppenders(connection: DuckDBConnection): Promise<void> {
    await this.#samples.attach(connection);
    await this.#extras.attach(connection);
    await this.#boards.attach(connection);
    await this.#fans.attach(connection);
    if (this.#faults) dropRows(this.#faults);
    this.#faulty = false;
    this.#faults = await connection.createAppender("faults");
  }

  async append(commit: Commit): Promise<void> {
    this.#refuseIfClosed();
    this.#hydrated = undefined;
    await this.#commit(commit);
  }

  #commit({ samples, marks }: Commit): Promise<void> {
    return this.#writer
      .transactionEndingWith(async (connection) => {
        await this.#write(connection, samples);
        return this.#marks.prepare(connection, marks);
      })
      .then(
        () => {
          this.#texts.committed();
          this.#marks.committed();
        },
        (cause) => this.#failed(cause),
      );
  }

  async trial(samples: readonly StoredSample[]): Promise<void> {
    this.#refuseIfClosed();
    await this.#writer
      .rolledBack((connection) => this.#write(connection, samples))
      .then(
        () => {
          this.#texts.rolledBack();
          this.#extras.forget();
        },
        (cause) => this.#failed(cause),
      );
  }

  /** Writes rows inside the caller's transaction. */
  async #write(connection: DuckDBConnection, samples: readonly StoredSample[]): Promise<void> {
    for (const stored of samples) this.#add(stored);
    await this.#texts.write(connection);
    for (const each of [this.#samples, this.#extras, this.#boards, this.#fans]) each.flush();
    if (this.#faulty) this.#faults!.flushSync();
    this.#faulty = false;
  }

  async #failed(cause: unknown): Promise<never> {
    this.#texts.rolledBack();
    this.#extras.forget();
    this.#marks.rolledBack();
    // An appender that failed serves no more. Where the database itself is gone, opening it anew makes new ones.
    await this.#writer.alone((connection) => this.#openAppenders(connection)).catch(() => undefined);
    throw cause;
  }

  #add(stored: StoredSample): void {
    const { rig, sample } = stored;
    encodeSample(stored, this.#row, this.#texts);
    this.#samples.add(sample.atMs, rig, this.#row);
    this.#extras.add(stored, this.#texts);
    addBoards(rig, sample, this.#boards);
    addFans(stored, this.#fans);
    if (sample.faults?.length) {
      this.#faulty = true;
      const faults = this.#faults!;
      faults.appendBigInt(BigInt(sample.atMs));
      faults.appendInteger(rig);
      faults.appendVarchar(JSON.stringify(sample.faults));
      faults.endRow();
    }
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new ServerError("storeClosed", `${this.options.path} is closed`);
  }

  async marks(): Promise<StreamMark[]> {
    const held = await this.#reader.alone(readMarks);
    return held.map(({ id: _row, ...mark }) => mark);
  }

  async dropMarks(beforeMs: number): Promise<void> {
    await this.#writer.transaction(async (connection) => {
      await connection.run(`DELETE FROM streams WHERE updated_ms < ${literal(beforeMs)}`);
      this.#marks.load(await readMarks(connection));
    });
  }

  async latest(): Promise<StoredSample[]> {
    const read = this.#hydrated ?? readLatest(this.#reader, this.#texts);
    this.#hydrated = undefined;
    return read;
  }

  async answered(query: { rigs: readonly number[]; fromMs: number }): Promise<Map<number, number>> {
    return readAnswered(this.#reader, query);
  }

  async samples(range: { fromMs: number; toMs: number }): Promise<StoredSample[]> {
    return readSamples(this.#reader, range, this.#texts);
  }

  async raw(range: RawRange): Promise<RawRow[]> {
    return readRaw(this.#reader, range, this.#texts);
  }

  async rawSeries(query: RawSeriesQuery): Promise<RawSeriesStep[]> {
    return readRawSeries(this.#reader, query, this.#texts);
  }

  /** Rows lie by time: those of all rigs are read. */
  scanned(range: { fromMs: number; toMs: number; rigs: readonly number[] }): Promise<number> {
    return this.count(range);
  }

  async count(range: { fromMs: number; toMs: number }): Promise<number> {
    return countSamples(this.#reader, range);
  }

  async bucketsSince(receivedMs: number, stepMs: number): Promise<number[]> {
    return readBuckets(this.#reader, receivedMs, stepMs);
  }

  async boards(range: PartsRange): Promise<BoardPoint[]> {
    return readBoards(this.#reader, range);
  }

  async fans(range: PartsRange): Promise<FanPoint[]> {
    return readFans(this.#reader, range);
  }

  async span(): Promise<{ fromMs: number; toMs: number } | undefined> {
    return readSpan(this.#reader);
  }

  async compactBoards(beforeMs: number): Promise<void> {
    await compactParts(this.#keeper, beforeMs);
  }

  async dropBefore(beforeMs: number): Promise<number> {
    return dropBefore(this.#keeper, beforeMs);
  }

  async exportTo(folder: string, control: ExportControl): Promise<TelemetryExport> {
    return this.#file.once("full", (session) => exportTelemetry(session, folder, control));
  }

  async exportSamples(...[order, control, every]: Parameters<NonNullable<TelemetryStore["exportSamples"]>>) {
    return this.#file.once("full", (session) => copyRows(session, samplesSql(order), order, control, every));
  }

  async spare(spares: boolean): Promise<void> {
    const begins = spares && !this.#file.room.spares;
    this.#file.room.spares = spares;
    if (begins) await this.#file.settle(this.#writer);
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
