import { statSync } from "node:fs";
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
  /** Size of the log from which on a commit writes it into the file: rows in it are held in memory, uncompressed. */
  checkpointAt: string;
  /** What commits may add to the log per second for long without being a flood; absent = each is judged by itself. */
  paceBytesPerS?: number;
  /** Row groups are merged when that is asked for ({@link Room.merge}), not by every checkpoint. */
  mergesWhenAsked?: boolean;
  nowMs: () => number;
}

/** After so long without reading or rewriting, and then as often, DuckDB gives back what it need not hold. */
const CALM_MS = 5_000;
/** A reader's memory is taken back so often at most: setting a limit takes some ms of CPU, and one who sums up a day reads a thousand times. */
const NARROW_MS = 1_000;
/**
 * What a session's commands need. `light`: commits, which what DuckDB has at rest is enough for. `modest`: one pass over much,
 * which is fast enough with that too and would otherwise fill all there is with blocks that nobody reads again. `full`: the rest.
 */
export type Needs = "light" | "modest" | "full";

/** Blocks of the file that DuckDB may hold on to then. */
const BLOCKS_MB = 4;
/** So much more in the log, by one commit or by many beyond the usual pace, is a flood, in which speed is worth more than memory. */
const FLOOD_BYTES = 1_500_000;
const FLOOD_CHECKPOINT_AT = "32MB";
/** The same while another file is written to: as much again as is usual of the samples. */
const SPARING_CHECKPOINT_AT = "10MB";

/** Checkpoints that have each left a row group of their own in what they wrote, until merging those is worth it. */
const LOOSE = 20;
/** As many may be left from a run before. */
const LEFT_LOOSE = 5 * LOOSE;

/** 0 where there is no file: DuckDB may take its log away at any moment. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/**
 * Gives DuckDB memory and threads for as long as they are needed. By itself it keeps every block that was read or written once,
 * up to its limit, and what a checkpoint has freed; what is read grows with the time that is kept. So a reader has room for as long
 * as it reads. While a modest command goes on, commits have it too: what the one holds is not to be missed by a checkpoint.
 */
export class Room {
  /** Commands under way. */
  readonly #users: Record<Needs, number> = { light: 0, modest: 0, full: 0 };
  /** When DuckDB was last read from or trimmed. */
  #quietMs: number;
  /** Size of the log at the last look: it shrinks with a checkpoint. */
  #walBytes = 0;
  #wide = false;
  #narrowedMs = Number.NEGATIVE_INFINITY;
  #forgotMs = Number.NEGATIVE_INFINITY;
  /** Blocks that somebody has read may still be held. */
  #held = false;
  #flood = false;
  #checkpointAt: string;
  /**
   * Commits leave their rows in the log for now, unless much has come together: another file is written to, and what both take for a
   * moment is not to be taken at once.
   */
  spares = false;
  /** When a commit last was one of a flood. */
  #floodMs = Number.NEGATIVE_INFINITY;
  /** What commits have added beyond the pace, and when the log was last looked at. */
  #dammedBytes = 0;
  #lookedMs: number;
  #restLimit: string;
  /** Checkpoints since row groups were merged. */
  #loose = LEFT_LOOSE;
  #setting: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: RoomOptions) {
    this.#quietMs = this.#lookedMs = options.nowMs();
    this.#restLimit = options.restLimit;
    this.#checkpointAt = options.checkpointAt;
  }

  /**
   * DuckDB had given the file up and it was opened anew, with one thread and the whole memory. It keeps that: too little of it
   * for a checkpoint may have been the reason.
   */
  opened(): void {
    this.#restLimit = this.options.memoryLimit;
    this.#wide = false;
    this.#flood = false;
    this.#checkpointAt = this.options.checkpointAt;
    this.#quietMs = this.options.nowMs();
  }

  get #all(): string {
    const { memoryLimit, threads } = this.options;
    return `SET memory_limit = '${memoryLimit}'; SET threads = ${threads}`;
  }

  /** Whether the next commit, if it comes after some calm, gives memory back that was read into. */
  get held(): boolean {
    return this.#held;
  }

  async begin(connection: DuckDBConnection, needs: Needs): Promise<void> {
    const users = this.#users;
    users[needs]++;
    if (needs !== "light") this.#held = true;
    if (needs === "modest") return this.#narrow(connection);
    if (this.#wide || (needs === "light" && users.modest === 0)) return;
    this.#wide = true;
    await this.#inTurn(() => connection.run(this.#all));
  }

  /** Takes back the memory that nobody works with any more: blocks that were read beyond what there is at rest go at once. */
  async #narrow(connection: DuckDBConnection): Promise<void> {
    const { light, full } = this.#users;
    if (!this.#wide || this.#flood || light + full > 0) return;
    this.#wide = false;
    await this.#inTurn(() => connection.run(`SET memory_limit = '${this.#restLimit}'`)).catch(() => {
      this.#wide = true;
    });
  }

  async end(connection: DuckDBConnection, needs: Needs): Promise<void> {
    const nowMs = this.options.nowMs();
    const users = this.#users;
    users[needs]--;
    if (needs !== "light") this.#quietMs = nowMs;
    if (users.modest === 0 && needs === "light") await this.#afterCommit(connection, nowMs);
    else if (users.modest === 0 && needs === "modest" && users.light + users.full === 0)
      await this.#trim(connection);
    const sinceMs = nowMs - this.#narrowedMs;
    if (!this.#wide || users.light + users.full > 0) return;
    if (users.modest === 0 && sinceMs >= 0 && sinceMs < NARROW_MS) return;
    this.#narrowedMs = nowMs;
    await this.#narrow(connection);
  }

  async #afterCommit(connection: DuckDBConnection, nowMs: number): Promise<void> {
    const walBytes = sizeOf(`${this.options.path}.wal`);
    const grownBytes = walBytes - this.#walBytes;
    this.#walBytes = walBytes;
    const checkpointed = grownBytes < 0;
    if (checkpointed) this.#loose++;
    if (this.#isFlood(grownBytes, nowMs)) this.#floodMs = nowMs;
    const sinceMs = nowMs - this.#floodMs;
    await this.#setLog(connection, sinceMs >= 0 && sinceMs < CALM_MS);
    if (this.#flood) return;
    const calmMs = nowMs - this.#quietMs;
    // A clock that was set back must not keep the memory for as long.
    if (this.#users.full > 0 || (!checkpointed && calmMs >= 0 && calmMs < CALM_MS)) return;
    this.#quietMs = nowMs;
    await this.#trim(connection, checkpointed);
  }

  /** Whether a commit, by what it has added to the log, is one of a flood. What it added is not known where it ended in a checkpoint. */
  #isFlood(grownBytes: number, nowMs: number): boolean {
    const { paceBytesPerS = Number.POSITIVE_INFINITY } = this.options;
    const passedS = Math.max(0.001, (nowMs - this.#lookedMs) / 1_000);
    this.#lookedMs = nowMs;
    const before = Math.max(0, this.#dammedBytes - passedS * paceBytesPerS);
    this.#dammedBytes = Math.min(2 * FLOOD_BYTES, before + Math.max(0, grownBytes));
    return this.#dammedBytes >= FLOOD_BYTES;
  }

  async #trim(connection: DuckDBConnection, checkpointed = false): Promise<void> {
    this.#wide = false;
    this.#held = this.#users.modest + this.#users.full > 0;
    // What cannot be given back now is the next time.
    await this.#inTurn(async () => {
      const sinceMs = this.options.nowMs() - this.#forgotMs;
      if (checkpointed && !(sinceMs >= 0 && sinceMs < FORGET_MS)) {
        this.#forgotMs = this.options.nowMs();
        await forget(connection, this.#restLimit);
      }
      await trim(connection, this.#restLimit);
    }).catch(() => undefined);
  }

  /**
   * Writes the log into the file and merges there what a score of checkpoints have left apart, once there are as many. Left to itself
   * DuckDB does so at every second checkpoint: it takes what is in a row group of 122,880 rows into memory each time, to add a few.
   */
  async merge(connection: DuckDBConnection): Promise<void> {
    // A checkpoint without a log does nothing.
    const { path, mergesWhenAsked } = this.options;
    if (!mergesWhenAsked || this.#loose < LOOSE || sizeOf(`${path}.wal`) === 0) return;
    try {
      await this.begin(connection, "full");
      // One stretch of each table.
      await connection.run("SET max_vacuum_tasks = 1");
      await connection.run("CHECKPOINT");
      this.#loose -= LOOSE;
    } finally {
      // Where DuckDB has given the file up this fails too; it is opened anew with 0, and what was counted must come down.
      await connection.run("SET max_vacuum_tasks = 0").catch(() => undefined);
      await this.end(connection, "full");
    }
  }

  /**
   * In a flood the log may grow as far as suits speed: each checkpoint rewrites what the tables last began. It gets no second thread
   * for that: on two cores it would take the one that what is live needs, and the flood is in no sooner.
   */
  async #setLog(connection: DuckDBConnection, flood: boolean): Promise<void> {
    const { checkpointAt, memoryLimit } = this.options;
    const at = flood ? FLOOD_CHECKPOINT_AT : this.spares ? SPARING_CHECKPOINT_AT : checkpointAt;
    if (flood === this.#flood && at === this.#checkpointAt) return;
    const limit = flood ? `SET memory_limit = '${memoryLimit}'; ` : "";
    this.#flood = flood;
    this.#checkpointAt = at;
    await this.#inTurn(() => connection.run(`${limit}SET checkpoint_threshold = '${at}'`)).catch(
      () => undefined,
    );
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

/** Less than DuckDB ever holds, so that it goes through all it might give back, finds that it is not enough and keeps its limit. */
const TOO_LITTLE = "1KB";
/** So often at most: a fleet of 10,000 has a checkpoint every few seconds, and makes some thousand notes a minute. */
const FORGET_MS = 60_000;

/**
 * Has DuckDB forget buffers that are gone. Its list of what it might give back keeps a note of each, about 240 bytes, until it is gone
 * through: tens of thousands in each of several lists, and each commit makes dozens. To be called when all rows are in the file.
 */
async function forget(connection: DuckDBConnection, restLimit: string): Promise<void> {
  await connection
    .run(`SET memory_limit = '${TOO_LITTLE}'; SET memory_limit = '${restLimit}'`)
    .catch(() => undefined);
}
