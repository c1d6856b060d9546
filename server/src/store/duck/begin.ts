import { existsSync, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { freeName, stamp } from "./aside.js";
import { duckError } from "./error.js";

/** Throws `storeLocked` when another process has the file. Opening for reading alone leaves file and log as they are. */
export async function refuseIfLocked(path: string): Promise<void> {
  try {
    const probe = await DuckDBInstance.create(path, { access_mode: "READ_ONLY" });
    probe.closeSync();
  } catch (cause) {
    const error = duckError(cause, path);
    // Whatever else is wrong shows again, and is dealt with, when the file is opened for use.
    if (error.code === "storeLocked") throw error;
  }
}

/**
 * Makes an empty database file unless there is one. DuckDB writes the parts of a new file one after another, and does not
 * open one that ends between them; it is made beside its place and appears there whole, so that a process may die at any
 * moment. A log without its file, which DuckDB would delete unread, is set aside: returns its new path. Throws ServerError.
 */
export async function beginFile(path: string, nowMs: () => number): Promise<string | undefined> {
  const building = `${path}.new`;
  if (existsSync(path)) {
    // A process died when the file had its name: the other one would keep its blocks when it is deleted.
    if (statSync(building, { throwIfNoEntry: false })?.ino === statSync(path).ino) rmSync(building);
    return undefined;
  }
  if (existsSync(building)) {
    await refuseIfLocked(building);
    rmSync(building);
  }
  try {
    const instance = await DuckDBInstance.create(building, { threads: "1" });
    try {
      // Its lock keeps others out meanwhile; one that came first has made the file and may write its log already.
      if (existsSync(path)) return undefined;
      const log = `${path}.wal`;
      const orphan = existsSync(log) ? freeName(`${log}.orphan-${stamp(nowMs())}`) : undefined;
      if (orphan !== undefined) renameSync(log, orphan);
      putInPlace(building, path);
      return orphan;
    } finally {
      rmSync(building, { force: true });
      instance.closeSync();
    }
  } catch (cause) {
    throw duckError(cause, path);
  }
}

/** What a file system says that has no links. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL"]);

/** A rename takes the place of what is there, so that it is for file systems without links alone. */
function putInPlace(building: string, path: string): void {
  try {
    linkSync(building, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (!NO_LINKS.has(code ?? "")) throw cause;
    renameSync(building, path);
  }
}
