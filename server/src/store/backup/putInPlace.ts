import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { freeName, stamp } from "../duck/aside.js";

/** A file that was built beside its place. */
export interface BuiltFile {
  building: string;
  path: string;
  /** What it is called in sentences. */
  what: string;
}

/**
 * Puts files in their places: first all former ones are set aside, with their write-ahead logs, also one that has lost its
 * file and would be replayed into the new one; then all new ones get their names. When one of these steps fails, all are
 * undone and what was built is removed. Returns a sentence for each file that was set aside. Rejects with the system's error.
 */
export async function putInPlace(files: readonly BuiltFile[], nowMs: number): Promise<string[]> {
  const moved: { from: string; to: string }[] = [];
  const move = async (from: string, to: string) => {
    await rename(from, to);
    moved.push({ from, to });
  };
  const said: string[] = [];
  try {
    for (const { path, what } of files) {
      const aside = freeName(`${path}.before-restore-${stamp(nowMs)}`);
      if (existsSync(path)) {
        await move(path, aside);
        said.push(`the former ${what} is at ${aside}`);
      }
      if (!existsSync(`${path}.wal`)) continue;
      const log = freeName(`${aside}.wal`);
      await move(`${path}.wal`, log);
      if (!existsSync(aside)) said.push(`a log without its ${what} is at ${log}`);
    }
    for (const { building, path } of files) await move(building, path);
    return said;
  } catch (cause) {
    for (const { from, to } of moved.reverse()) await rename(to, from);
    for (const { building } of files)
      for (const each of [building, `${building}.wal`]) await rm(each, { force: true });
    throw cause;
  }
}
