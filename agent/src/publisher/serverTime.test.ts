import { expect, test } from "vitest";
import { restamping, ServerTime } from "./serverTime.js";

const stamping = (time: ServerTime, earlier: Record<string, number> = {}) => ({
  boot: "mine",
  time,
  aheadOfMs: (boot: string) => earlier[boot],
});
const batch = { boot: "mine", monoMs: 5_000, wallMs: 1_005_000, offsetKnown: false };

test("acks bound the offset from both sides, and the narrowest bounds win", () => {
  const time = new ServerTime();
  expect(time.aheadMs).toBeUndefined();
  time.learn(1_000_300, 0, 600);
  expect(time.aheadMs).toBe(1_000_000);
  time.learn(1_001_020, 1_000, 1_040);
  expect(time.aheadMs).toBeCloseTo(1_000_000, 0);
  time.learn(1_002_500, 1_000, 4_000);
  expect(time.aheadMs).toBeCloseTo(1_000_000, 0);
});

test("an offset up to 2 s is left alone, a larger one is applied, and at the edge it does not flicker", () => {
  const time = new ServerTime();
  time.learn(1_000_050, 0, 100);
  expect(time.correctionMs(1_000_000 - 1_999)).toBe(0);
  expect(time.correctionMs(1_000_000 - 2_001)).toBe(2_001);
  expect(time.correctionMs(1_000_000 - 1_500)).toBe(1_500);
  expect(time.correctionMs(1_000_000 - 900)).toBe(0);
  expect(time.correctionMs(1_000_000 - 1_500)).toBe(0);
  expect(time.correctionMs(1_000_000 + 3_600_000)).toBe(-3_600_000);
});

test("an ack that may have travelled long never corrects a clock that may be right", () => {
  const time = new ServerTime();
  time.learn(1_000_000, undefined, 3_500);
  expect(time.correctionMs(1_000_000)).toBe(0);
  expect(time.measuredAheadMs).toBeUndefined();
  time.learn(1_004_010, 4_000, 4_020);
  expect(time.measuredAheadMs).toBe(1_000_000);
});

test("a step of the server's clock is followed at the next ack", () => {
  const time = new ServerTime();
  time.learn(1_000_050, 0, 100);
  time.learn(9_000_250, 200, 300);
  expect(time.aheadMs).toBe(9_000_000);
});

test("quartz drift over a day does not lock the bounds out", () => {
  const time = new ServerTime();
  for (let hour = 0; hour < 24; hour++) {
    const sentMs = hour * 3_600_000;
    time.learn(1_000_000 + sentMs * (1 + 5e-5) + 50, sentMs, sentMs + 100);
  }
  expect(time.aheadMs).toBeCloseTo(1_000_000 + 23 * 3_600_000 * 5e-5, -3);
});

test("a batch that was stamped before the offset was known moves with it when sent", () => {
  const time = new ServerTime();
  expect(restamping(batch, stamping(time))).toBe(0);
  time.learn(87_400_050, 0, 100);
  expect(restamping(batch, stamping(time))).toBe(86_400_000);
  expect(restamping({ ...batch, offsetKnown: true }, stamping(time))).toBe(0);
});

test("a batch whose wall clock was right does not move", () => {
  const time = new ServerTime();
  time.learn(1_000_050, 0, 100);
  expect(restamping(batch, stamping(time))).toBe(0);
});

test("a batch of an earlier boot moves by what that boot had learned, and is unsure where it had not", () => {
  const time = new ServerTime();
  const earlier = { ...batch, boot: "earlier" };
  expect(restamping(earlier, stamping(time, { earlier: 4_600_000 }))).toBe(3_600_000);
  expect(restamping(earlier, stamping(time, { earlier: 1_000_500 }))).toBe(0);
  expect(restamping(earlier, stamping(time))).toBe("unsure");
});

test("a step of the wall clock puts the offset in doubt until the next ack", () => {
  const time = new ServerTime();
  time.learn(1_000_050, 0, 100);
  expect(time.sure).toBe(true);
  time.doubt(150);
  expect(time.sure).toBe(false);
  time.learn(1_000_250, 200, 300);
  expect(time.sure).toBe(true);
});

test("after a step only what was sent since tells the time, since a sleep may have been part of an earlier ack's way", () => {
  const time = new ServerTime();
  time.learn(1_000_050, 0, 100);
  time.doubt(150);
  time.learn(1_000_200, 100, 200);
  time.learn(1_000_200, undefined, 200);
  expect(time.sure).toBe(false);
  time.learn(4_600_250, 200, 300);
  expect([time.sure, time.aheadMs]).toEqual([true, 4_600_000]);
});

test("a step before the first word leaves nothing to doubt", () => {
  const time = new ServerTime();
  time.doubt(50);
  time.learn(1_000_050, 0, 100);
  expect([time.sure, time.aheadMs]).toEqual([true, 1_000_000]);
});
