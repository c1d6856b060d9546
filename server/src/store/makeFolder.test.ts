import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { claimFolder } from "./lock.js";
import { makeFolder } from "./makeFolder.js";

describe("making a folder", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "hashwatt-folder-"));
  });
  afterEach(() => {
    chmodSync(root, 0o700);
    rmSync(root, { recursive: true, force: true });
  });

  test("makes every level that is missing, and is content with what is there", () => {
    const path = join(root, "a/b/c");
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
    makeFolder(path);
    symlinkSync(path, join(root, "link"));
    makeFolder(join(root, "link/d"));
    expect(existsSync(join(path, "d"))).toBe(true);
  });

  test.each([
    ["a file in the way", "file/data", /EEXIST.*file'$/],
    ["a file of that name", "file", /EEXIST/],
    ["a link to nothing", "nowhere", /EEXIST/],
  ])("throws for %s", (_what, name, message) => {
    writeFileSync(join(root, "file"), "");
    symlinkSync(join(root, "gone"), join(root, "nowhere"));
    expect(() => makeFolder(join(root, name))).toThrow(message);
  });

  test.runIf(existsSync("/proc/self"))("ends with an error where the system lets nobody make one", () => {
    expect(() => claimFolder("/proc/hashwatt/data")).toThrow(
      /^data folder \/proc\/hashwatt\/data cannot be written: .*ENOENT/,
    );
  });
});
