import { describe, expect, it } from "vitest";
import { duckError, lockHolder } from "./error.js";

describe("an error of DuckDB", () => {
  it.each([
    [
      'TransactionContext Error: Failed to commit: Could not write file "/d/t.duckdb.wal": Read-only file system',
      "storeFailed",
      /^the file system of \/d\/t\.duckdb is read-only: check its disk and remount it writable/,
    ],
    [
      'IO Error: Could not write file "/d/t.duckdb.wal": No space left on device',
      "storeFull",
      /^there is no room left for \/d\/t\.duckdb: free disk space/,
    ],
  ])("of a disk that takes nothing says what to do and may be tried again: %s", (text, code, message) => {
    expect(duckError(new Error(text), "/d/t.duckdb")).toMatchObject({
      code,
      retryable: true,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ["(PID 4711)", 4711, " (pid 4711)"],
    // What the kernel says of a process that this one's container does not show.
    ["(PID 0)", undefined, ""],
  ])("of a lock names who holds it where that is known: %s", (named, pid, said) => {
    const cause = new Error(
      `IO Error: Could not set lock on file "/d/t.duckdb": Conflicting lock is held in ${named}`,
    );
    const error = duckError(cause, "/d/t.duckdb");
    expect(error.message).toBe(`/d/t.duckdb is used by another process${said}`);
    expect(lockHolder(error)).toBe(pid);
  });
});
