import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { ServerError } from "../../error.js";
import { duckError } from "./error.js";
import { type Migration, migrate } from "./migrations.js";
import { Session } from "./session.js";
import { cutAt, damagedAt, walShape, writeWalHeader } from "./wal.js";

/** How a file is opened. `nowMs` dates what is set aside. */
export interface DuckFileOptions {
  path: string;
  migrations: readonly Migration[];
  memoryLimit: string;
  threads: number;
  nowMs: number;
}

/** An open file; every session is a connection of its own. */
export class DuckFile {
  readonly #sessions = new Set<Session>();

  constructor(
    readonly path: string,
    private readonly instance: DuckDBInstance,
  ) {}

  async session(): Promise<Session> {
    const session = new Session(await this.instance.connect(), this.path);
    this.#sessions.add(session);
    return session;
  }

  /** Closes one session before the file. */
  async release(session: Session): Promise<void> {
    this.#sessions.delete(session);
    await session.close();
  }

  /** Size with its write-ahead log. */
  bytes(): number {
    return sizeOf(this.path) + sizeOf(`${this.path}.wal`);
  }

  /** Bytes of blocks in use and of the log, after the log was written into the file as far as its readers allow. */
  async usedBytes(writer: Session): Promise<number> {
    // Another connection that writes at this moment refuses it; the next hour tries again.
    await writer.run("CHECKPOINT").catch(() => undefined);
    const [row] = await writer.rows("SELECT used_blocks, block_size FROM pragma_database_size()");
    return Number(row?.used_blocks) * Number(row?.block_size) + sizeOf(`${this.path}.wal`);
  }

  /** Waits for what runs, writes the log into the file and closes it. */
  async close(): Promise<void> {
    for (const session of this.#sessions) await session.close();
    this.#sessions.clear();
    this.instance.closeSync();
  }
}

const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/** `20261104T071500Z`, for the names of what is set aside. */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");

/** A name that is still free: `path`, else `path-2` and so on. */
export function freeName(path: string): string {
  if (!existsSync(path)) return path;
  for (let n = 2; ; n++) if (!existsSync(`${path}-${n}`)) return `${path}-${n}`;
}

/** Opens and brings the schema up to date. */
async function tryOpen(options: DuckFileOptions): Promise<DuckDBInstance> {
  const { path } = options;
  const instance = await DuckDBInstance.create(path, {
    memory_limit: options.memoryLimit,
    threads: String(options.threads),
    checkpoint_threshold: "32MB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  try {
    const connection = await instance.connect();
    try {
      await checkLength(connection, path);
      await migrate(connection, path, options.migrations);
      // A log that was replayed goes into the file at once, so that nothing is ever appended behind a cut.
      await connection.run("CHECKPOINT");
    } finally {
      connection.disconnectSync();
    }
  } catch (cause) {
    instance.closeSync();
    throw cause;
  }
  return instance;
}

/** DuckDB opens a file whose end is missing and fails at the first row it misses; its own block count tells before. */
async function checkLength(
  connection: Awaited<ReturnType<DuckDBInstance["connect"]>>,
  path: string,
): Promise<void> {
  const reader = await connection.runAndReadAll(
    "SELECT block_size, total_blocks FROM pragma_database_size()",
  );
  const row = reader.getRowObjects()[0];
  const needed = Number(row?.block_size) * Number(row?.total_blocks);
  const held = sizeOf(path);
  if (held < needed)
    throw new ServerError("storeDamaged", `${path} is damaged: ${needed - held} bytes of it are missing`);
}

/**
 * Opens a file; a damaged write-ahead log is set aside as a copy and cut at the place that DuckDB names. `reports` are
 * sentences for the operator. Throws ServerError `storeLocked`, `storeDamaged`, `storeSchema`, `storeFull` or `storeFailed`.
 */
export async function openDuckFile(options: DuckFileOptions): Promise<{ file: DuckFile; reports: string[] }> {
  const { path } = options;
  const walPath = `${path}.wal`;
  const reports: string[] = [];
  mkdirSync(dirname(path), { recursive: true });
  let aside: string | undefined;
  const setAside = (): string => {
    if (aside === undefined) {
      aside = freeName(`${walPath}.damaged-${stamp(options.nowMs)}`);
      copyFileSync(walPath, aside);
    }
    return aside;
  };
  const shape = existsSync(path) ? walShape(walPath) : undefined;
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
      return { file: new DuckFile(path, await tryOpen(options)), reports };
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

/** Throws `storeLocked` when another process has the file. Opening for reading alone leaves file and log as they are. */
async function refuseIfLocked(path: string): Promise<void> {
  try {
    const probe = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
    probe.closeSync();
  } catch (cause) {
    const error = duckError(cause, path);
    // Whatever else is wrong shows again, and is dealt with, when the file is opened for use.
    if (error.code === "storeLocked") throw error;
  }
}

/** Moves an unreadable file and its log out of the way; returns where it went. */
export function setFileAside(path: string, nowMs: number): string {
  const to = freeName(`${path}.damaged-${stamp(nowMs)}`);
  renameSync(path, to);
  if (existsSync(`${path}.wal`)) renameSync(`${path}.wal`, `${to}.wal`);
  return to;
}
