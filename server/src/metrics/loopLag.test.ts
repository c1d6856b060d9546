import { setTimeout as wait } from "node:timers/promises";
import { fakeClock } from "@hashwatt/protocol/time";
import { expect, test } from "vitest";
import { LoopLag } from "./loopLag.js";

test("a loop that stood still is told in the next whole minute, and forgotten in the one after", async () => {
  const clock = fakeClock(0);
  using lag = new LoopLag(clock);
  expect(lag.lastMinute).toBeUndefined();
  await wait(60);
  const end = performance.now() + 300;
  while (performance.now() < end);
  await wait(60);
  await clock.advance(60_000);
  expect(lag.lastMinute!.maxS).toBeGreaterThan(0.25);
  expect(lag.lastMinute!.meanS).toBeLessThanOrEqual(lag.lastMinute!.maxS);
  const worst = lag.lastMinute!.maxS;
  await wait(200);
  await clock.advance(60_000);
  expect(lag.lastMinute!.maxS).not.toBe(worst);
});
