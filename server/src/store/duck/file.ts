import { copyFileSync, mkdirSync, rmSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ServerError } from "../../error.js";
import { freeName, replaceFile, stamp } from "./aside.js";
import { beginFile, refuseIfLocked } from "./begin.js";
import { duckError } from "./error.js";
import { type Migration, migrate } from "./migrations.js";
import { type Needs, Room, type RoomOptions, sizeOf } from "./room.js";
import { Session, type SessionFile } from "./session.js";
import { cutAt, damagedAt, walShape, writeWalHeader } from "./wal.js";

/** How a file is opened. */
export interface DuckFileOptions extends RoomOptions {
  migrations: readonly Migration[];
  /** What to do with a file that cannot be read: `replace` sets it aside and begins a new one. */
  damaged: "throw" | "replace";
  /** Gets sentences about what was found when the file had to be opened anew. */
  report?: (text: string) => void;
}

/**
 * An open file; every session is a connection of its own. DuckDB gives a database up after a failed checkpoint, on a full
 * disk for one; the next command then opens it anew, and all that was committed is there.
 */
export class DuckFile implements SessionFile {
  readonly #sessions = new Set<Session>();
  #instance: DuckDBInstance | undefined;
  #given = false;
  #opening: Promise<void> | undefined;
  #whenOpen: () => Promise<void> = async () => undefined;
  readonly room: Room;

  private constructor(private readonly options: DuckFileOptions) {
    this.room = new Room(options);
  }

  /** Throws ServerError `storeLocked`, `storeDamaged` (unless replaced), `storeSchema`, `storeFull` or `storeFailed`. */
  static async open(options: DuckFileOptions): Promise<{ file: DuckFile; reports: string[] }> {
    const file = new DuckFile(options);
    const { instance, reports } = await openInstance(options);
    file.#instance = instance;
    return { file, reports };
  }

  get path(): string {
    return this.options.path;
  }

  /** Runs `prepare` now and whenever the file was opened anew; it must use the sessions' connections directly. */
  async whenOpen(prepare: () => Promise<void>): Promise<void> {
    this.#whenOpen = prepare;
    await prepare();
  }

  /** `needs`: what each of its commands may take of the memory. */
  async session(needs: Needs = "full"): Promise<Session> {
    await this.ready();
    const session = new Session(await this.#instance!.connect(), this, needs);
    this.#sessions.add(session);
    return session;
  }

  /** Closes one session before the file. */
  async release(session: Session): Promise<void> {
    this.#sessions.delete(session);
    await session.close();
  }

  /** Runs `work` on a session of its own. */
  async once<T>(needs: Needs, work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.session(needs);
    return work(session).finally(() => this.release(session));
  }

  giveUp(): void {
    this.#given = true;
  }

  begin(connection: DuckDBConnection, needs: Needs): Promise<void> {
    return this.room.begin(connection, needs);
  }

  end(connection: DuckDBConnection, needs: Needs): Promise<void> {
    return this.room.end(connection, needs);
  }

  /** Opens the file anew where DuckDB has given it up. Throws ServerError; the next call tries again. */
  async ready(): Promise<void> {
    if (!this.#given) return;
    this.#opening ??= this.#openAnew().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  async #openAnew(): Promise<void> {
    for (const session of this.#sessions) await session.idle();
    if (this.#instance) {
      for (const session of this.#sessions) session.connection.disconnectSync();
      this.#instance.closeSync();
      this.#instance = undefined;
    }
    const { instance, reports } = await openInstance(this.options);
    for (const session of this.#sessions) session.connection = await instance.connect();
    this.#instance = instance;
    this.room.opened();
    await this.#whenOpen();
    this.#given = false;
    for (const text of reports) this.options.report?.(text);
  }

  /** Size with its write-ahead log. */
  bytes(): number {
    return sizeOf(this.path) + sizeOf(`${this.path}.wal`);
  }

  /** Writes the log into the file, as far as its readers allow: rows in it are held uncompressed. `merge`: {@link Room.merge}. Never rejects. */
  async settle(writer: Session, merge = false): Promise<void> {
    const work = merge ? writer.alone((connection) => this.room.merge(connection)) : writer.run("CHECKPOINT");
    // Another connection that writes at this moment refuses it; who asks does so again.
    await work.catch(() => undefined);
  }

  /** Gives back what readers have left, once nobody has read for some seconds: a commit does so too. Never rejects. */
  async calm(writer: Session): Promise<void> {
    if (this.room.held) await writer.alone(async () => undefined).catch(() => undefined);
  }

  /** Bytes of blocks in use and of the log, after the log was written into the file as far as its readers allow. */
  async usedBytes(writer: Session): Promise<number> {
    await this.settle(writer);
    const [row] = await writer.rows("SELECT used_blocks, block_size FROM pragma_database_size()");
    return Number(row?.used_blocks) * Number(row?.block_size) + sizeOf(`${this.path}.wal`);
  }

  /** Waits for what runs, writes the log into the file and closes it. */
  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
    this.#sessions.clear();
    this.#instance?.closeSync();
    this.#instance = undefined;
  }
}

/** Opens and brings the schema up to date. */
async function tryOpen(options: DuckFileOptions, checkpoint: boolean): Promise<DuckDBInstance> {
  const { path } = options;
  const instance = await DuckDBInstance.create(path, {
    memory_limit: options.memoryLimit,
    threads: "1",
    checkpoint_threshold: options.checkpointAt,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(options.mergesWhenAsked && { max_vacuum_tasks: "0" }),
  });
  try {
    const connection = await instance.connect();
    try {
      await checkLength(connection, path);
      await migrate(connection, path, options.migrations);
      if (checkpoint) await connection.run("CHECKPOINT");
    } finally {
      connection.disconnectSync();
    }
  } catch (cause) {
    instance.closeSync();
    throw cause;
  }
  return instance;
}

/** What precedes the blocks of a file. */
const HEADER_BYTES = 3 * 4_096;

/**
 * DuckDB opens a file whose end is missing and fails at the first row it misses; its own count of blocks tells before. That
 * count may hold free blocks that a checkpoint has cut off after it was written. Throws ServerError `storeDamaged`.
 */
export async function checkLength(
  connection: Awaited<ReturnType<DuckDBInstance["connect"]>>,
  path: string,
): Promise<void> {
  const reader = await connection.runAndReadAll(
    "SELECT block_size, total_blocks, used_blocks FROM pragma_database_size()",
  );
  const row = reader.getRowObjects()[0];
  const [blockBytes, total, used] = [row?.block_size, row?.total_blocks, row?.used_blocks].map(Number) as [
    number,
    number,
    number,
  ];
  const bytes = sizeOf(path);
  const held = Math.floor((bytes - HEADER_BYTES) / blockBytes);
  if (held >= total) return;
  const needed = held < used ? total : await blocksToTheLast(connection, path);
  if (held >= needed) return;
  const missing = HEADER_BYTES + needed * blockBytes - bytes;
  throw new ServerError("storeDamaged", `${path} is damaged: ${missing} bytes of it are missing`);
}

/** How many blocks a file has up to the last that holds columns or what describes them. */
async function blocksToTheLast(
  connection: Awaited<ReturnType<DuckDBInstance["connect"]>>,
  path: string,
): Promise<number> {
  try {
    const tables = await connection.runAndReadAll(
      "SELECT table_name AS t FROM duckdb_tables() WHERE NOT internal",
    );
    const places = tables
      .getRows()
      .map(
        ([table]) =>
          `SELECT greatest(block_id, list_max(additional_block_ids)) AS block FROM pragma_storage_info('${table}') WHERE persistent`,
      );
    const all = ["SELECT block_id AS block FROM pragma_metadata_info()", ...places].join(" UNION ALL ");
    const last = await connection.runAndReadAll(`SELECT max(block) FROM (${all})`);
    return Number(last.getRows()[0]?.[0] ?? -1) + 1;
  } catch (cause) {
    // What tells where the columns lie is itself beyond the end.
    throw new ServerError("storeDamaged", `${path} is damaged: its end is missing`, { cause });
  }
}

/** Opens a file; one that cannot be read is replaced where the options say so. */
async function openInstance(
  options: DuckFileOptions,
): Promise<{ instance: DuckDBInstance; reports: string[] }> {
  try {
    return await openRepaired(options);
  } catch (cause) {
    if (options.damaged === "throw" || !(cause instanceof ServerError) || cause.code !== "storeDamaged")
      throw cause;
    const said = replaceFile(options.path, options.nowMs(), cause);
    const { instance, reports } = await openRepaired(options);
    return { instance, reports: [said, ...reports] };
  }
}

/**
 * Opens a file; a damaged write-ahead log is set aside as a copy and cut at the place that DuckDB names. `reports` are
 * sentences for the operator.
 */
async function openRepaired(
  options: DuckFileOptions,
): Promise<{ instance: DuckDBInstance; reports: string[] }> {
  const { path } = options;
  const walPath = `${path}.wal`;
  const reports: string[] = [];
  mkdirSync(dirname(path), { recursive: true });
  const orphan = await beginFile(path, options.nowMs);
  if (orphan !== undefined)
    reports.push(
      `${path} was not there, but its write-ahead log was: a new file was begun and the log is at ${orphan}`,
    );
  let aside: string | undefined;
  const setAside = (): string => {
    if (aside === undefined) {
      aside = freeName(`${walPath}.damaged-${stamp(options.nowMs())}`);
      copyFileSync(walPath, aside);
    }
    return aside;
  };
  const shape = walShape(walPath);
  // A log that another process is writing looks torn at times and must not be touched.
  if (shape && (!shape.headerOk || shape.wholeBytes < shape.bytes)) await refuseIfLocked(path);
  if (shape && !shape.headerOk && shape.boundaries.length > 1) {
    reports.push(`the write-ahead log of ${path} had a damaged header; a copy is at ${setAside()}`);
    writeWalHeader(walPath);
  }
  if (shape && shape.wholeBytes < shape.bytes)
    reports.push(
      `the write-ahead log of ${path} ends in ${shape.bytes - shape.wholeBytes} bytes that are no whole entry, as after a crash; a copy is at ${setAside()}`,
    );
  for (let tries = 0; ; tries++) {
    try {
      // What was mended goes into the file at once, so that nothing is ever appended behind a cut.
      return { instance: await tryOpen(options, reports.length > 0), reports };
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      if (!/replaying WAL/i.test(text) || tries === 5) throw duckError(cause, path);
      const copy = setAside();
      const place = damagedAt(text);
      const cut = place !== undefined && shape ? cutAt(shape, place) : undefined;
      if (cut === undefined) rmSync(walPath);
      else truncateSync(walPath, cut);
      reports.push(
        `the write-ahead log of ${path} was damaged at byte ${place ?? "unknown"} and cut there: up to ${(shape?.bytes ?? 0) - (cut ?? 0)} bytes of the last commits are lost; a copy is at ${copy}`,
      );
    }
  }
}
