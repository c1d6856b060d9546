import { existsSync } from "node:fs";
import { join } from "node:path";
import { ServerError } from "../../error.js";
import { refuseIfLocked } from "../duck/begin.js";
import { STATE_FILE, TELEMETRY_FILE } from "../inspect.js";
import { DuckStateStore } from "./duck.js";
import { listExports, restoreFile } from "./export.js";

/** An open state and sentences about what was found. */
interface Opened {
  store: DuckStateStore;
  reports: string[];
}

/**
 * Opens the state file of a data folder. One that cannot be read, or that is gone while its exports are there, is restored from
 * the newest export that can be; what is left of it is set aside. Throws ServerError `storeDamaged` where there is none.
 */
export async function openState(
  dataDir: string,
  nowMs: () => number,
  report: (text: string) => void,
): Promise<Opened> {
  const path = join(dataDir, STATE_FILE);
  const open = () => DuckStateStore.open({ path, nowMs, report });
  const exports = await listExports(dataDir);
  if (!existsSync(path)) {
    if (!exports.length) return open();
    return restored(new ServerError("storeDamaged", `${path} is missing`));
  }
  try {
    return await open();
  } catch (cause) {
    if (!(cause instanceof ServerError) || cause.code !== "storeDamaged") throw cause;
    return restored(cause);
  }

  async function restored(cause: ServerError): Promise<Opened> {
    // A server that runs would go on writing into what is set aside.
    for (const file of [path, join(dataDir, TELEMETRY_FILE)])
      if (existsSync(file)) await refuseIfLocked(file);
    const failed: string[] = [];
    for (const each of exports) {
      try {
        const said = await restoreFile(path, each, nowMs());
        const { store, reports } = await open();
        const gone = `${cause.message}; what was changed since that export is gone`;
        return { store, reports: [[...said, gone].join("; "), ...failed, ...reports] };
      } catch (error) {
        if (!(error instanceof ServerError) || error.code !== "restoreFailed") throw error;
        failed.push(error.message);
      }
    }
    const why = [cause.message, ...failed].join("; ");
    const way = "restore a backup, or move the file away to start with an empty state";
    throw new ServerError("storeDamaged", `${why}; there is no export to restore: ${way}`, { cause });
  }
}
