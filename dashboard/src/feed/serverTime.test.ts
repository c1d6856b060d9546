import { expect, it } from "vitest";
import { ServerTime } from "./serverTime.js";

it("a stamp that was long under way does not set the clock back by its delay", () => {
  const time = new ServerTime();
  time.learn(1_000, 0);
  time.learn(1_500, 1_000);
  expect(time.at(1_000)).toBeGreaterThan(1_990);
});

it("a clock that was set is followed at once", () => {
  const time = new ServerTime();
  time.learn(1_000, 0);
  time.learn(500_000, 1_000);
  expect(time.at(2_000)).toBe(501_000);
});

it("before any stamp the browser's clock is all there is", () => {
  expect(new ServerTime().at(42)).toBe(42);
});
