import { open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { makeFolder } from "../makeFolder.js";
import type { StateStore } from "../state/state.js";
import type { TelemetryStore } from "../store.js";
import { type BackupManifest, MANIFEST } from "./manifest.js";
import { packTar } from "./tar.js";

/** What a backup is made of, and where it goes. */
export interface BackupOrder {
  telemetry: TelemetryStore;
  state: StateStore;
  /** Runs `work` while no sample is being committed. */
  betweenCommits<T>(work: () => Promise<T>): Promise<T>;
  /** What is to be there in the end: a folder, or one file where it ends in `.tar`. Nothing of that name exists. */
  path: string;
  version: string;
  nowMs: number;
  signal: AbortSignal;
  progress(done: number, total: number | undefined, note: string): void;
}

/** What was backed up. `samples` is undefined where the raw samples are kept by another program. */
export interface MadeBackup {
  bytes: number;
  samples: number | undefined;
}

/**
 * Writes a copy of the state and of the raw samples as both stand at one instant, between two commits, while ingest goes on.
 * It has its name only once it is whole; what is cut short leaves nothing. Throws ServerError, or the signal's reason.
 */
export async function makeBackup(order: BackupOrder): Promise<MadeBackup> {
  const { path, version, nowMs, signal, progress } = order;
  const building = `${path}.part`;
  await rm(building, { recursive: true, force: true });
  makeFolder(building);
  try {
    const exported = await exportBoth(order, building);
    const telemetry = exported ? { kind: "duckdb" as const, ...exported } : { kind: order.telemetry.kind };
    const manifest: BackupManifest = { backup: 1, version, madeMs: nowMs, telemetry };
    await writeFile(join(building, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    signal.throwIfAborted();
    const files = await filesOf(building);
    const samples = exported?.tables.samples?.rows;
    if (!path.endsWith(".tar")) {
      await syncAll(files.map((name) => join(building, name)));
      const bytes = await sizeOf(files.map((name) => join(building, name)));
      await rename(building, path);
      return { bytes, samples };
    }
    progress(0, undefined, "packing");
    const packed = `${building}.tar`;
    try {
      await rm(packed, { force: true });
      // The manifest is the first entry, so that a look into the file shows what it is.
      await packTar(building, [MANIFEST, ...files.filter((name) => name !== MANIFEST)], packed, signal);
      await rename(packed, path);
    } catch (cause) {
      await rm(packed, { force: true });
      throw cause;
    }
    return { bytes: (await stat(path)).size, samples };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** Exports both stores as they stand between two commits. Rejects once neither writes any more. */
async function exportBoth(
  { telemetry, state, betweenCommits, signal, progress }: BackupOrder,
  building: string,
) {
  const begun: Promise<unknown>[] = [];
  /** Resolves when the export has its snapshot, or rejects with what keeps it from one. */
  const begin = <T>(start: (snapshot: () => void) => Promise<T>): Promise<{ whole: Promise<T> }> =>
    new Promise((resolve, reject) => {
      const whole = start(() => resolve({ whole }));
      begun.push(whole);
      whole.catch(reject);
    });
  try {
    const { raw, small } = await betweenCommits(async () => ({
      raw: telemetry.exportTo
        ? await begin((snapshot) =>
            telemetry.exportTo!(join(building, "telemetry"), {
              signal,
              snapshot,
              progress: (done, total) => progress(done, total, "raw samples"),
            }),
          )
        : undefined,
      small: await begin((snapshot) => state.exportTo(join(building, "state"), snapshot)),
    }));
    const exported = await raw?.whole;
    progress(0, undefined, "state");
    await small.whole;
    return exported;
  } finally {
    await Promise.allSettled(begun);
  }
}

/** Paths of all files below a folder, with `/`. */
async function filesOf(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    )
    .sort();
}

async function sizeOf(paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const path of paths) bytes += (await stat(path)).size;
  return bytes;
}

/** What is said to be there must be there after a power cut. */
async function syncAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await using file = await open(path, "r+");
    await file.sync();
  }
}
