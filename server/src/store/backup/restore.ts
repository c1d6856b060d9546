import { existsSync, statSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Clock } from "@hashwatt/protocol/time";
import { ServerError } from "../../error.js";
import { restoreTelemetry } from "../duck/restoreTelemetry.js";
import { STATE_FILE, TELEMETRY_FILE } from "../inspect.js";
import { claimFolder, refuseIfRunning } from "../lock.js";
import { buildState, listExports, restoreFile } from "../state/export.js";
import type { TelemetryExport } from "../store.js";
import { type BackupManifest, readBackupManifest } from "./manifest.js";
import { putInPlace } from "./putInPlace.js";
import { unpackTar } from "./tar.js";

/**
 * Restores a data folder from a backup (its folder, its `.tar` file, or a folder of several, of which the newest counts) or
 * from an export of the state alone; with no path from the newest nightly export. The former files are set aside, and stay
 * in use when anything fails. Returns sentences of what was done. Throws ServerError `storeLocked` while a server runs,
 * `restoreFailed`, `dataFolder`.
 */
export async function restore(
  dataFolder: string,
  from: string | undefined,
  clock: Pick<Clock, "nowMs">,
): Promise<string[]> {
  const dataDir = resolve(dataFolder);
  using _claim = claimFolder(dataDir);
  await refuseIfRunning(dataDir);
  const path = from === undefined ? (await listExports(dataDir))[0] : resolve(from);
  if (path === undefined)
    throw new ServerError("restoreFailed", `there is no export under ${join(dataDir, "exports")}`);
  if (!existsSync(path) || !statSync(path).isFile()) return restoreFolder(dataDir, path, clock.nowMs());
  const unpacked = join(dataDir, "restore.part");
  await rm(unpacked, { recursive: true, force: true });
  try {
    await unpackTar(path, unpacked);
    const said = await restoreFolder(dataDir, unpacked, clock.nowMs());
    return said.map((text) => text.replace(unpacked, path));
  } catch (cause) {
    if (cause instanceof ServerError)
      throw new ServerError(cause.code, cause.message.replaceAll(unpacked, path), { cause });
    throw cause;
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function restoreFolder(dataDir: string, path: string, nowMs: number): Promise<string[]> {
  const folder = await newestBackup(path);
  const manifest = await readBackupManifest(folder);
  if (!manifest) return restoreFile(join(dataDir, STATE_FILE), path, nowMs);
  return restoreBackup(dataDir, folder, manifest, nowMs);
}

/** The newest backup within a folder; the folder itself where it is one, or holds none. */
async function newestBackup(path: string): Promise<string> {
  if (!existsSync(path) || (await readBackupManifest(path))) return path;
  const names = (await readdir(path)).filter((name) => name.startsWith("hashwatt-")).sort();
  for (const name of names.reverse()) if (await readBackupManifest(join(path, name))) return join(path, name);
  return path;
}

async function restoreBackup(
  dataDir: string,
  folder: string,
  { telemetry, version, madeMs }: BackupManifest,
  nowMs: number,
): Promise<string[]> {
  const place = join(dataDir, TELEMETRY_FILE);
  const building = `${place}.restoring`;
  for (const each of [building, `${building}.wal`]) await rm(each, { force: true });
  const told = "tables" in telemetry ? (telemetry satisfies TelemetryExport) : undefined;
  if (told) await restoreTelemetry(building, join(folder, "telemetry"), told);
  try {
    const state = join(dataDir, STATE_FILE);
    const files = [
      {
        building: await buildState(state, join(folder, "state"), { apart: !told }),
        path: state,
        what: "state file",
      },
      ...(told ? [{ building, path: place, what: "file of raw samples" }] : []),
    ];
    return [
      `restored from ${folder}, made ${new Date(madeMs).toISOString()} by Hashwatt ${version}`,
      ...(await putInPlace(files, nowMs)),
      told
        ? `${told.tables.samples?.rows ?? "an unknown number of"} raw samples are there again`
        : `its raw samples are kept by ${telemetry.kind} and restored by its own means; this was the state`,
    ];
  } catch (cause) {
    for (const each of [building, `${building}.wal`]) await rm(each, { force: true });
    throw cause;
  }
}
