import { setTimeout as wait } from "node:timers/promises";
import { fakeClock } from "@hashwatt/protocol/time";
import { expect, test } from "vitest";
import { LoopLag } from "./loopLag.js";

test("a loop that stood still is told in the next whole minute, and not before", async () => {
  const clock = fakeClock(0);
  using lag = new LoopLag(clock);
  await wait(60);
  const end = performance.now() + 300;
  while (performance.now() < end);
  await wait(60);
  expect(lag.lastMinute).toBeUndefined();
  await clock.advance(60_000);
  expect(lag.lastMinute!.maxMs).toBeGreaterThan(250);
  expect(lag.lastMinute!.p99Ms).toBeLessThanOrEqual(lag.lastMinute!.maxMs);
});
