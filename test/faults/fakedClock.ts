import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A wall clock that can be put forward and back while a process runs. */
export interface FakedClock {
  /** Environment of the process that is to see it. */
  readonly env: Record<string, string>;
  /** How far it is from the true one, s. */
  offsetS(seconds: number): void;
}

const LIBRARY = "faketime/libfaketime.so.1";

/** Where Debian keeps libfaketime; undefined where it is not installed. */
export function findFaketime(): string | undefined {
  const roots = [
    "/usr/lib",
    ...(existsSync("/usr/lib") ? readdirSync("/usr/lib").map((name) => join("/usr/lib", name)) : []),
  ];
  return roots.map((root) => join(root, LIBRARY)).find((path) => existsSync(path));
}

/** A clock whose offset is kept in `file`; undefined where libfaketime is not installed. */
export function fakedClock(file: string): FakedClock | undefined {
  const library = findFaketime();
  if (!library) return undefined;
  const offsetS = (seconds: number) =>
    writeFileSync(file, `${seconds >= 0 ? "+" : "-"}${Math.abs(seconds)}s\n`);
  offsetS(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: "1",
      // Node hangs where its monotonic clock goes back.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    },
    offsetS,
  };
}
