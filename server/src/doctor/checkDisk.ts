import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { STATE_FILE, TELEMETRY_FILE } from "../store/inspect.js";
import { bad, doubtful, type Finding, good } from "./finding.js";

const LEAST_FREE_BYTES = 1e9;
/** Of the room there is, so much is advised as a limit: exports and logs want some too. */
const ADVISED_SHARE = 0.9;

const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Whether the data folder can be written, and holds what the limit allows. Creates nothing. */
export async function checkDisk(dataDir: string, maxDiskGb: number): Promise<Finding> {
  let folder = dataDir;
  while (!(await exists(folder)) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    if (!(await stat(folder)).isDirectory())
      return bad("disk", `${folder} is no folder: move it away, or set store.dataDir`);
    await access(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize, blocks } = await statfs(folder);
    if (blocks === 0) return bad("disk", `${folder} is no place for files; set store.dataDir`);
    const free = bavail * bsize;
    const used = await sizeOf(dataDir);
    const made =
      folder === dataDir ? `${dataDir} holds ${gb(used)}` : `${dataDir} is made at the first start`;
    const text = `${made}, ${gb(free)} are free, up to ${maxDiskGb} GB may be used`;
    if (free < LEAST_FREE_BYTES)
      return bad("disk", `${text}; make room, or set store.dataDir to another disk`);
    const room = free + used;
    if (room < maxDiskGb * 1e9)
      return doubtful(
        "disk",
        `${text}, which is more than there is: set store.maxDiskGb to ${Math.max(1, Math.floor((room * ADVISED_SHARE) / 1e9))}, or the disk is full before the oldest samples go`,
      );
    return good("disk", text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return bad("disk", `${folder} cannot be written (${code}); give it to this user, or set store.dataDir`);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );

/** Bytes of both files with their logs, which is what the limit counts. */
async function sizeOf(dataDir: string): Promise<number> {
  let bytes = 0;
  for (const name of [STATE_FILE, TELEMETRY_FILE])
    for (const path of [join(dataDir, name), join(dataDir, `${name}.wal`)])
      bytes += await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
  return bytes;
}
