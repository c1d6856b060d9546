import { existsSync, renameSync } from "node:fs";

/** `20261104T071500Z`, for the names of what is set aside. */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");

/** A name that is still free: `path`, else `path-2` and so on. */
export function freeName(path: string): string {
  if (!existsSync(path)) return path;
  for (let n = 2; ; n++) if (!existsSync(`${path}-${n}`)) return `${path}-${n}`;
}

/** Moves an unreadable file and its log out of the way; returns the sentence about it. */
export function replaceFile(path: string, nowMs: number, cause: Error): string {
  const to = freeName(`${path}.damaged-${stamp(nowMs)}`);
  renameSync(path, to);
  if (existsSync(`${path}.wal`)) renameSync(`${path}.wal`, `${to}.wal`);
  return `${cause.message}; it was set aside as ${to} and a new file begun`;
}
