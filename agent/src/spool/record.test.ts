import { expect, test } from "vitest";
import { encodeRecord, parseRecords, type SpoolRecord } from "./record.js";

const record = (seq: number, body = `body of ${seq}`): SpoolRecord => ({
  stream: "stream-1",
  seq,
  boot: "boot1",
  monoMs: seq * 100.5,
  wallMs: 1_700_000_000_000 + seq,
  offsetKnown: seq % 2 === 0,
  samples: seq,
  oldestMs: seq === 3 ? undefined : 1_700_000_000_000,
  newestMs: seq === 3 ? undefined : 1_700_000_000_100,
  gzip: seq % 3 === 0,
  body: Buffer.from(body),
});
const all = [1, 2, 3, 4, 5].map((seq) => record(seq));
const bytes = Buffer.concat(all.map(encodeRecord));

test("records come back as they were", () => {
  const { found, consumed } = parseRecords(bytes, true);
  expect(found.map((one) => one.record)).toEqual(all);
  expect(found.some(({ damaged }) => damaged)).toBe(false);
  expect(consumed).toBe(bytes.length);
});

test("a buffer that ends anywhere yields the whole records before, and tells where to go on", () => {
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { found, consumed } = parseRecords(bytes.subarray(0, cut), false);
    const rest = parseRecords(bytes.subarray(consumed), true);
    expect([...found, ...rest.found].map((one) => one.record.seq)).toEqual([1, 2, 3, 4, 5]);
  }
});

test("one flipped byte anywhere costs one record, and is never believed", () => {
  for (let at = 0; at < bytes.length; at++) {
    const broken = Buffer.from(bytes);
    broken[at]! ^= 1 << (at % 8);
    const { found } = parseRecords(broken, true);
    const good = found.filter(({ damaged }) => !damaged).map((one) => one.record);
    expect(good).toHaveLength(4);
    for (const one of good) expect(one).toEqual(all[one.seq - 1]);
  }
});

test("what looks like the beginning of a record inside a body is no record", () => {
  const tricky = [record(1, "HWr1HWr1HWr1"), record(2, encodeRecord(record(9)).toString("latin1"))];
  const { found } = parseRecords(Buffer.concat(tricky.map(encodeRecord)), true);
  expect(found.map((one) => one.record.seq)).toEqual([1, 2]);
});

test("noise of any length is passed over", () => {
  const noise = Buffer.alloc(100_000, "HWr");
  const { found } = parseRecords(Buffer.concat([noise, encodeRecord(record(1)), noise]), true);
  expect(found.map((one) => one.record.seq)).toEqual([1]);
});
