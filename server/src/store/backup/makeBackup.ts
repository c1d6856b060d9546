import { existsSync } from "node:fs";
import { link, mkdir, mkdtemp, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { ServerError } from "../../error.js";
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
  makeFolder(dirname(path));
  // A folder of a name that nobody has, for its owner alone: what lies beside the backup is somebody else's.
  const beside = await mkdtemp(`${path}.part-`);
  const building = join(beside, "backup");
  try {
    await mkdir(building, { mode: 0o700 });
    const exported = await exportBoth(order, building);
    const telemetry = exported ? { kind: "duckdb" as const, ...exported } : { kind: order.telemetry.kind };
    const manifest: BackupManifest = { backup: 1, version, madeMs: nowMs, telemetry };
    await writeFile(join(building, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    signal.throwIfAborted();
    const files = await filesOf(building);
    const samples = exported?.tables.samples?.rows;
    if (!path.endsWith(".tar")) {
      const paths = files.map((name) => join(building, name));
      await protectAndSync(paths);
      const bytes = await sizeOf(paths);
      await publish(building, path);
      return { bytes, samples };
    }
    progress(0, undefined, "packing");
    const packed = join(beside, "backup.tar");
    // The manifest is the first entry, so that a look into the file shows what it is.
    await packTar(building, [MANIFEST, ...files.filter((name) => name !== MANIFEST)], packed, signal);
    const bytes = (await stat(packed)).size;
    await publish(packed, path);
    return { bytes, samples };
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/** Gives a folder or file its name, unless something has got that name meanwhile: then throws ServerError `badRequest`. */
async function publish(built: string, path: string): Promise<void> {
  const taken = (cause?: unknown) =>
    new ServerError("badRequest", `out: ${path} has come to exist meanwhile; name another place`, { cause });
  const has = (cause: unknown, codes: readonly string[]) =>
    codes.includes((cause as NodeJS.ErrnoException).code ?? "");
  try {
    if (existsSync(path)) throw taken();
    // Unlike a renamed file, a renamed folder replaces nothing that holds anything, and a link replaces nothing at all.
    if ((await stat(built)).isDirectory()) await rename(built, path);
    else
      await link(built, path).catch(async (cause: unknown) => {
        if (!has(cause, ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])) throw cause;
        // A file system without hard links: the name is taken by an empty file of ours first.
        await (await open(path, "wx", 0o600)).close();
        await rename(built, path);
      });
  } catch (cause) {
    if (has(cause, ["EEXIST", "ENOTEMPTY", "ENOTDIR"])) throw taken(cause);
    throw cause;
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

/** What is said to be there must be there after a power cut; and it holds what only the server's user may read. */
async function protectAndSync(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await using file = await open(path, "r+");
    await file.chmod(0o600);
    await file.sync();
  }
}
