import { gunzipSync } from "node:zlib";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { parseBatch } from "@hashwatt/protocol/topics";
import { expect, test } from "vitest";
import { BatchMaker } from "./batchMaker.js";
import { encodeDamaged, encodeMessage, restampBody } from "./envelope.js";

const head = { stream: "abcd1234", live: true, seq: 7, first: 5, sentMs: 1_700_000_000_123.4 };
const sample = (rig: string, atMs: number): Sample => ({
  rig,
  atMs,
  intervalMs: 5_000,
  status: "mining",
  hashrateThs: 101.25,
});
const samples = [sample("r-1", 1_700_000_000_000), sample("r-2", 1_700_000_000_050)];
const evidence: Evidence = { address: "10.0.0.1", model: "Antminer S19 – ü" };

/** A body of `given`, the first of which comes with evidence. */
function encodeBody(given: readonly Sample[], gzip: boolean, correctionMs = 0): Buffer {
  const maker = new BatchMaker("boot5678");
  maker.begin(0, correctionMs, true);
  for (const [at, one] of given.entries()) maker.add(one, maker.encode(one), at === 0 ? evidence : undefined);
  return maker.take(1_234.56, gzip).body;
}
const read = (message: Buffer) =>
  parseBatch(JSON.parse((message[0] === 0x1f ? gunzipSync(message) : message).toString()));

test.each([true, false])("a stored body behind a fresh head is a whole batch (gzip: %s)", (gzip) => {
  const body = encodeBody(samples, gzip);
  const batch = read(encodeMessage(head, body, gzip));
  expect(batch.refused).toEqual([]);
  expect(batch.unknownKeys).toBe(0);
  expect(batch).toMatchObject({ ...head, v: 1, sentMs: 1_700_000_000_123, boot: "boot5678", monoMs: 1_235 });
  expect(batch.rigs).toEqual({ "r-1": evidence });
  expect(batch.samples.map(({ rig }) => rig)).toEqual(["r-1", "r-2"]);
});

test("a batch without samples is a batch", () => {
  expect(read(encodeMessage(head, encodeBody([], true), true)).samples).toEqual([]);
});

test("what cannot be read goes out empty, under its seq", () => {
  expect(read(encodeDamaged(head, "boot", 5))).toMatchObject({
    seq: 7,
    first: 5,
    lost: "damaged",
    samples: [],
  });
});

test.each([true, false])("a body is re-stamped or marked without any other change (gzip: %s)", (gzip) => {
  const body = encodeBody(samples, gzip);
  const before = read(encodeMessage(head, body, gzip));
  const moved = read(encodeMessage(head, restampBody(body, gzip, 3_600_000), gzip));
  expect(moved.samples.map(({ atMs }) => atMs)).toEqual([1_700_003_600_000, 1_700_003_600_050]);
  expect({ ...moved, samples: [] }).toEqual({ ...before, samples: [] });
  const unsure = read(encodeMessage(head, restampBody(body, gzip, "unsure"), gzip));
  expect(unsure.samples).toEqual(before.samples.map((one) => ({ ...one, clock: "unsure" })));
});

test("a large batch survives packing", () => {
  const many = Array.from({ length: 2_000 }, (_, n) => sample(`rig-${n}`, n));
  expect(read(encodeMessage(head, encodeBody(many, true), true)).samples).toHaveLength(2_000);
});

test("a batch whose evidence outgrows its samples is whole", () => {
  const maker = new BatchMaker("boot5678");
  maker.begin(0, 0, true);
  for (let n = 0; n < 400; n++) {
    const one = sample(`rig-${n}`, n);
    maker.add(one, maker.encode(one), {
      address: "10.0.0.1",
      firmware: "ü".repeat(200),
      hostname: "x".repeat(100),
    });
  }
  expect(Object.keys(read(encodeMessage(head, maker.take(0, true).body, true)).rigs ?? {})).toHaveLength(400);
});

test("stamps are corrected, and the oldest and newest are known", () => {
  const maker = new BatchMaker("boot5678");
  maker.begin(0, -3_600_000, true);
  for (const one of samples) maker.add(one, maker.encode(one), undefined);
  const made = maker.take(0, false);
  expect([made.oldestMs, made.newestMs]).toEqual([1_699_996_400_000, 1_699_996_400_050]);
  expect(read(encodeMessage(head, made.body, false)).samples.map(({ atMs }) => atMs)).toEqual([
    made.oldestMs,
    made.newestMs,
  ]);
  expect(samples[0]!.atMs).toBe(1_700_000_000_000);
});
