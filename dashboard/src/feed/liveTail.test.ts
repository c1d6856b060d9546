import { expect, it } from "vitest";
import { LiveTail } from "./liveTail.js";

it("keeps the newest readings within its bound and no repetition", () => {
  const tail = new LiveTail(100);
  for (let ms = 0; ms < 5_000; ms++) {
    tail.push({ atMs: ms, values: {} });
    tail.push({ atMs: ms, values: {} });
  }
  expect(tail.points.length).toBeLessThanOrEqual(110);
  expect(tail.points.at(-1)!.atMs).toBe(4_999);
  expect(new Set(tail.points.map(({ atMs }) => atMs)).size).toBe(tail.points.length);
});
