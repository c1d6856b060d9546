import { describe, expect, it } from "vitest";
import { duckError } from "./error.js";

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
});
