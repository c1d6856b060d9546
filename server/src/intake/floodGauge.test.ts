import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import { beforeEach, describe, expect, test } from "vitest";
import { FloodGauge } from "./floodGauge.js";

const RIGS = 10_000;
const BATCH = 500;

describe("a flood", () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = fakeClock(Date.UTC(2026, 10, 26));
  });
  /** Adds a second's rows, in batches; whether any was part of a flood. */
  const second = async (gauge: FloodGauge, rows: number): Promise<boolean> => {
    let flood = false;
    for (let sent = 0; sent < rows; sent += BATCH) {
      flood = gauge.add(Math.min(BATCH, rows - sent)) || flood;
      await clock.advance(1_000 / Math.ceil(rows / BATCH));
    }
    return flood;
  };

  test("is a backlog that comes in, after a second or two", async () => {
    const gauge = new FloodGauge(clock, () => RIGS);
    expect(await second(gauge, 20_000)).toBe(false);
    expect(await second(gauge, 20_000)).toBe(true);
  });

  test.each([5, 8, 12])("is not what %d s of standing still have dammed up", async (stillS) => {
    const gauge = new FloodGauge(clock, () => RIGS);
    for (let round = 0; round < 20; round++) {
      for (let s = 0; s < 10; s++) expect(await second(gauge, RIGS / 5)).toBe(false);
      await clock.advance(stillS * 1_000);
      expect(await second(gauge, (RIGS / 5) * (stillS + 1))).toBe(false);
    }
  });

  test("is more than the fleet's own pace, however large the fleet is", async () => {
    const gauge = new FloodGauge(clock, () => 10 * RIGS);
    for (let s = 0; s < 60; s++) expect(await second(gauge, 2 * RIGS)).toBe(false);
    let flood = false;
    for (let s = 0; s < 10; s++) flood ||= await second(gauge, 6 * RIGS);
    expect(flood).toBe(true);
  });

  test("ends soon after its last rows", async () => {
    const gauge = new FloodGauge(clock, () => RIGS);
    for (let s = 0; s < 60; s++) await second(gauge, 80_000);
    await clock.advance(20_000);
    expect(await second(gauge, RIGS / 5)).toBe(false);
  });
});
