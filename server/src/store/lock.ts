import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerError } from "../error.js";
import { refuseIfLocked } from "./duck/begin.js";
import { lockHolder } from "./duck/error.js";
import { STATE_FILE, TELEMETRY_FILE } from "./inspect.js";
import { makeFolder } from "./makeFolder.js";

const NAME = "hashwatt.lock";
/** Folders that this process has open: DuckDB's own lock keeps other processes out, not a second opening by the same one. */
const open = new Set<string>();

/** The one line that a second instance gets. */
function lockedError(dataDir: string, pid: number | undefined, cause?: unknown): ServerError {
  return new ServerError(
    "storeLocked",
    `data folder ${dataDir} is used by another Hashwatt${pid === undefined ? "" : ` (pid ${pid})`}: stop it, or use another folder`,
    { cause },
  );
}

/** The pid in a data folder's lock file; undefined when there is none. It may be of a process that was killed. */
function pidIn(dataDir: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(dataDir, NAME), "utf8"), 10);
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    // No lock file: nobody has left a name.
    return undefined;
  }
}

/**
 * Throws ServerError `storeLocked` while another process has a data folder open; damaged files are no hindrance. It is
 * DuckDB's lock that is asked: the pid in a lock file that a kill left behind may be that of any process by now, in a container
 * even one's own. Only reads.
 */
export async function refuseIfRunning(dataDir: string): Promise<void> {
  for (const name of [STATE_FILE, TELEMETRY_FILE]) {
    const path = join(dataDir, name);
    if (!existsSync(path)) continue;
    await refuseIfLocked(path).catch((cause) => {
      throw aboutFolder(dataDir, cause);
    });
  }
}

/** Why a data folder cannot be opened now: this process has it open, or another; undefined where none has. Only reads. */
export async function folderHeld(dataDir: string): Promise<ServerError | undefined> {
  if (open.has(dataDir)) return lockedError(dataDir, process.pid);
  try {
    await refuseIfRunning(dataDir);
    return undefined;
  } catch (error) {
    if (error instanceof ServerError && error.code === "storeLocked") return error;
    throw error;
  }
}

/**
 * Claims a data folder for this process. What keeps others out is DuckDB's lock on the files, which ends with its process;
 * the lock file only gives the message its pid, so that one left behind by a kill is no obstacle. Throws ServerError
 * `storeLocked` or `dataFolder`.
 */
export function claimFolder(dataDir: string): Disposable {
  if (open.has(dataDir)) throw lockedError(dataDir, process.pid);
  try {
    makeFolder(dataDir);
  } catch (cause) {
    throw folderError(dataDir, cause);
  }
  open.add(dataDir);
  return {
    [Symbol.dispose]() {
      if (open.delete(dataDir) && pidIn(dataDir) === process.pid)
        rmSync(join(dataDir, NAME), { force: true });
    },
  };
}

/** Writes this process's pid once DuckDB has granted the files. Throws ServerError `dataFolder`. */
export function signFolder(dataDir: string): void {
  try {
    writeFileSync(join(dataDir, NAME), `${process.pid}\n`);
  } catch (cause) {
    throw folderError(dataDir, cause);
  }
}

/** Turns DuckDB's refusal of one file into the sentence about the folder; other errors pass. */
export function aboutFolder(dataDir: string, cause: unknown): unknown {
  if (!(cause instanceof ServerError)) return cause;
  if (cause.code === "storeLocked") return lockedError(dataDir, lockHolder(cause) ?? pidIn(dataDir), cause);
  if (/permission denied|read-only file system/i.test(cause.message)) return folderError(dataDir, cause);
  return cause;
}

function folderError(dataDir: string, cause: unknown): ServerError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ServerError(
    "dataFolder",
    `data folder ${dataDir} cannot be written: give it to this user, or choose another one (${why})`,
    { cause },
  );
}
