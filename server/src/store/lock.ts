import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerError } from "../error.js";
import { lockHolder } from "./duck/error.js";
import { makeFolder } from "./makeFolder.js";

const NAME = "hashwatt.lock";
/** Folders that this process has open: DuckDB's own lock keeps other processes out, not a second opening by the same one. */
const open = new Set<string>();

/** The one line that a second instance gets. */
export function lockedError(dataDir: string, pid: number | undefined, cause?: unknown): ServerError {
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

/** The living process that has a data folder open, as far as its lock file tells; undefined when there is none. Only reads. */
export function folderHolder(dataDir: string): number | undefined {
  const pid = pidIn(dataDir);
  if (pid === undefined) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // A process of another user may not be asked, and lives.
    return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : undefined;
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
