import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sample } from "@hashwatt/protocol/sample";
import { afterEach, beforeEach, expect, test } from "vitest";
import { quarantineFile } from "./quarantine.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hashwatt-apart-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const from = { site: "s1", agent: "a1", stream: "st", seq: 7 };
const sample = (rig: string) => ({ rig, atMs: 1_000 }) as Sample;
const lines = () =>
  readFileSync(join(folder, "quarantine.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { sample: Sample }).sample.rig);

test("samples are kept in the order of their batches, each with where it came from", async () => {
  const { keep } = quarantineFile(folder);
  const told = await Promise.all([keep(from, [sample("h1"), sample("h2")]), keep(from, [sample("h3")])]);
  expect(told).toEqual([undefined, undefined]);
  expect(lines()).toEqual(["h1", "h2", "h3"]);
  expect(readFileSync(join(folder, "quarantine.jsonl"), "utf8")).toContain(
    '{"site":"s1","agent":"a1","stream":"st","seq":7,',
  );
});

test("a batch that finds no room is named as such, also behind many that come at once, and the file stays within its size", async () => {
  const { keep } = quarantineFile(folder, 1_000);
  const told = await Promise.all(Array.from({ length: 90 }, (_, n) => keep(from, [sample(`h${n}`)])));
  const kept = told.filter((why) => why === undefined).length;
  expect(kept).toBeGreaterThan(5);
  expect(new Set(told)).toEqual(new Set([undefined, "quarantine.jsonl is full"]));
  expect(lines()).toHaveLength(kept);
  expect(statSync(join(folder, "quarantine.jsonl")).size).toBeLessThanOrEqual(1_000);
});

test("a file that cannot be written is named as such, and does not hold up the next", async () => {
  mkdirSync(join(folder, "quarantine.jsonl"));
  const { keep } = quarantineFile(folder);
  expect(await keep(from, [sample("h1")])).toBe("quarantine.jsonl cannot be written (EISDIR)");
  rmSync(join(folder, "quarantine.jsonl"), { recursive: true });
  expect(await keep(from, [sample("h2")])).toBeUndefined();
  expect(lines()).toEqual(["h2"]);
});

test("more batches than may wait for a disk are not kept in memory", async () => {
  const { keep } = quarantineFile(folder);
  const told = await Promise.all(Array.from({ length: 150 }, () => keep(from, [sample("h1")])));
  expect(told.filter((why) => why === "the disk does not keep up")).toHaveLength(50);
  expect(lines()).toHaveLength(100);
});
