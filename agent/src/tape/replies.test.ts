import { expect, it } from "vitest";
import type { Span } from "./changes.js";
import { Replies } from "./replies.js";

const MB = 1024 * 1024;
const of = (length: number): Span => {
  const bytes = Buffer.alloc(length, "a");
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset), from: 0, to: length };
};

it("replies that grow take no more room than there is; those that find none are written whole", () => {
  const replies = new Replies();
  const short = of(500);
  const long = of(60_000);
  const all = Array.from({ length: 1_500 }, () => replies.begin(short)!);
  for (const series of all) replies.keep(series, long);
  const held = all.reduce((sum, { last }) => sum + last.bytes.length, 0);
  expect(held).toBeLessThanOrEqual(64 * MB);
  expect(held).toBeGreaterThan(60 * MB);
  expect(all.filter((series) => replies.before(series)?.to === long.to)).toHaveLength(
    all.filter(({ last }) => last.bytes.length > 1_024).length,
  );
  const whole = all.filter((series) => replies.before(series) === undefined);
  expect(whole.length).toBeGreaterThan(100);
  // What was told of it before is too short to be what it said last; once it is as short again it is kept.
  replies.restart(whole[0]!, long);
  expect(replies.before(whole[0])).toBeUndefined();
  replies.restart(whole[0]!, short);
  expect(replies.before(whole[0])?.to).toBe(500);
});
