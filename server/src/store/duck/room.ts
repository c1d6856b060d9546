import { existsSync, statSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";

/** What DuckDB may take of the machine. */
export interface RoomOptions {
  path: string;
  /** Memory while somebody reads or rewrites. */
  memoryLimit: string;
  /** Memory while it only commits; what a checkpoint needs beyond that goes through a file beside the database. */
  restLimit: string;
  /** Threads that a reading may use; a commit uses one, whose checkpoint takes less memory and less time. */
  threads: number;
  nowMs: () => number;
}

/** After so long without reading or rewriting, and then as often, DuckDB gives back what it need not hold. */
const CALM_MS = 5_000;
/** Blocks of the file that DuckDB may hold on to then. */
const BLOCKS_MB = 4;

export const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/**
 * Gives DuckDB memory and threads for as long as they are needed. By itself it keeps every block that was read or written once,
 * up to its limit, and what a checkpoint has freed. Commands that are `light` (commits) do with little.
 */
export class Room {
  /** Commands under way that may need all of it. */
  #users = 0;
  /** When DuckDB was last read from or trimmed. */
  #quietMs: number;
  /** Size of the log at the last look: it shrinks with a checkpoint. */
  #walBytes = 0;
  #wide = false;
  #setting: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: RoomOptions) {
    this.#quietMs = options.nowMs();
  }

  /** The file was opened anew, with one thread and the whole memory. */
  opened(): void {
    this.#wide = false;
    this.#quietMs = this.options.nowMs();
  }

  async begin(connection: DuckDBConnection, light: boolean): Promise<void> {
    if (light) return;
    this.#users++;
    if (this.#wide) return;
    this.#wide = true;
    const { memoryLimit, threads } = this.options;
    await this.#inTurn(() => connection.run(`SET memory_limit = '${memoryLimit}'; SET threads = ${threads}`));
  }

  async end(connection: DuckDBConnection, light: boolean): Promise<void> {
    const nowMs = this.options.nowMs();
    if (!light) {
      this.#users--;
      this.#quietMs = nowMs;
      return;
    }
    const walBytes = sizeOf(`${this.options.path}.wal`);
    const checkpointed = walBytes < this.#walBytes;
    this.#walBytes = walBytes;
    const calmMs = nowMs - this.#quietMs;
    // A clock that was set back must not keep the memory for as long.
    if (this.#users > 0 || (!checkpointed && calmMs >= 0 && calmMs < CALM_MS)) return;
    this.#quietMs = nowMs;
    this.#wide = false;
    // What cannot be given back now is the next time.
    await this.#inTurn(() => trim(connection, this.options.restLimit)).catch(() => undefined);
  }

  /** Limits are set one after another: the one asked for last must hold. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const set = this.#setting.then(work);
    this.#setting = set.catch(() => undefined);
    return set;
  }
}

/**
 * Has DuckDB let go of threads, of blocks that lie in its file anyway, and of memory that it has freed but not given back: it
 * does so when its limit is set. Rows that are in no file yet would go into a file of their own, so that their size is asked first.
 */
async function trim(connection: DuckDBConnection, restLimit: string): Promise<void> {
  await connection.run("SET threads = 1");
  const reader = await connection.runAndReadAll(
    "SELECT sum(memory_usage_bytes)::DOUBLE AS held FROM duckdb_memory() WHERE tag <> 'BASE_TABLE'",
  );
  const heldMb = Math.ceil(Number(reader.getRowObjects()[0]?.held) / 1e6);
  // It may be too tight at this moment; the limit at rest must be set all the same.
  await connection.run(`SET memory_limit = '${heldMb + BLOCKS_MB}MB'`).catch(() => undefined);
  await connection.run(`SET memory_limit = '${restLimit}'`);
}
