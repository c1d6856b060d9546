import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configSchema } from "../../config/schema.js";
import { sideOf } from "./sides.js";

describe("an end of a copy that is a file", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const side = (path: string) =>
    sideOf(
      { kind: "duckdb", path },
      "from",
      configSchema.parse({ store: { kind: "duckdb", dataDir: folder } }),
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hashwatt-sides-"));
    for (const name of ["hashwatt.duckdb", "telemetry.duckdb"]) writeFileSync(at(name), name);
    symlinkSync(at("hashwatt.duckdb"), at("soft.duckdb"));
    linkSync(at("hashwatt.duckdb"), at("hard.duckdb"));
    linkSync(at("telemetry.duckdb"), at("raw.duckdb"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each(["hashwatt.duckdb", "soft.duckdb", "hard.duckdb", "elsewhere/hashwatt.duckdb"])(
    "is never a state file: %s",
    (name) => {
      expect(() => side(at(name))).toThrow(
        /^from: .* is a state file and holds no raw samples; name its folder/,
      );
    },
  );

  test("is the server's own store under whatever name", () => {
    expect(side(folder)).toMatchObject({ own: true });
    expect(side(at("raw.duckdb"))).toMatchObject({ own: true });
    expect(side(at("other.duckdb"))).toMatchObject({ own: false });
  });
});
