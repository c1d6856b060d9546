import { expect, test } from "vitest";
import { clockAt, systemClock } from "./time.js";

test("a clock that is wound on shows the machine's time at its origin and passes as often as it is told", () => {
  const machineMs = systemClock.nowMs();
  const clock = clockAt({ originMs: machineMs - 1_000, speed: 60 });
  const shownMs = clock.nowMs();
  expect(shownMs).toBeGreaterThanOrEqual(machineMs - 1_000 + 60_000);
  expect(shownMs).toBeLessThanOrEqual(machineMs - 1_000 + 60 * (systemClock.nowMs() - machineMs + 1_000));
  expect(clockAt(undefined)).toBe(systemClock);
});

test("what it times comes as much sooner", async () => {
  const clock = clockAt({ originMs: 0, speed: 120 });
  const beganMs = systemClock.monoMs();
  await clock.sleep(1_200, new AbortController().signal);
  const tookMs = systemClock.monoMs() - beganMs;
  expect(tookMs).toBeGreaterThan(8);
  expect(tookMs).toBeLessThan(1_000);
});
