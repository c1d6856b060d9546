import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packTar, unpackTar } from "./tar.js";

describe("a tar file", () => {
  let root: string;
  let path: string;
  const never = new AbortController().signal;
  const FILES: Record<string, Buffer> = {
    "manifest.json": Buffer.from("{}\n"),
    "state/empty.parquet": Buffer.alloc(0),
    "state/block.parquet": Buffer.alloc(512, 7),
    "telemetry/large.parquet": Buffer.alloc(2_500_001, "hashwatt"),
  };

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "hashwatt-tar-"));
    path = join(root, "backup.tar");
    for (const [name, bytes] of Object.entries(FILES)) {
      mkdirSync(join(root, "from", name, ".."), { recursive: true });
      writeFileSync(join(root, "from", name), bytes);
    }
    await packTar(join(root, "from"), Object.keys(FILES), path, never);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test("gives every file back as it was, and leaves none behind where they came from", async () => {
    expect(readdirSync(join(root, "from/telemetry"))).toEqual([]);
    await unpackTar(path, join(root, "to"));
    for (const [name, bytes] of Object.entries(FILES))
      expect(readFileSync(join(root, "to", name)).equals(bytes), name).toBe(true);
  });

  test("is one that the system's own tar reads, and the reverse", async () => {
    expect(execFileSync("tar", ["-tf", path]).toString().trim().split("\n")).toEqual(Object.keys(FILES));
    mkdirSync(join(root, "theirs"));
    execFileSync("tar", ["-xf", path, "-C", join(root, "theirs")]);
    const again = join(root, "again.tar");
    execFileSync("tar", ["-cf", again, "-C", join(root, "theirs"), "."]);
    await unpackTar(again, join(root, "to"));
    for (const [name, bytes] of Object.entries(FILES))
      expect(readFileSync(join(root, "to", name)).equals(bytes), name).toBe(true);
  });

  test("that was cut short, changed or never one is refused", async () => {
    const whole = readFileSync(path);
    for (const bytes of [600, 5_000, whole.length - 2_000]) {
      writeFileSync(path, whole);
      truncateSync(path, bytes);
      await expect(unpackTar(path, join(root, "to")), String(bytes)).rejects.toMatchObject({
        code: "restoreFailed",
      });
    }
    for (const place of [0, 130, 150]) {
      const bytes = Buffer.from(whole);
      bytes[place]! ^= 0x01;
      writeFileSync(path, bytes);
      await expect(unpackTar(path, join(root, "to")), String(place)).rejects.toMatchObject({
        message: expect.stringContaining("no tar header at byte 0"),
      });
    }
  });

  test("cannot write outside its folder", async () => {
    const evil = join(root, "evil.tar");
    writeFileSync(join(root, "outside"), "x");
    await expect(packTar(join(root, "from"), ["../outside"], evil, never)).resolves.toBeUndefined();
    await expect(unpackTar(evil, join(root, "to/deep"))).rejects.toMatchObject({
      message: expect.stringContaining("../outside"),
    });
    expect(readdirSync(root)).not.toContain("outside");
  });
});
