import { expect, test } from "vitest";
import { TapePosition } from "./tapePosition.js";

test("a replay moves at its speed, stands when told, and stops at its end", () => {
  const at = new TapePosition(1_000, 9_000, 2, 50);
  expect([at.at(50), at.at(150), at.at(99_999)]).toEqual([1_000, 1_200, 9_000]);
  expect([at.isPlaying(150), at.isPlaying(99_999)]).toEqual([true, false]);
  at.change({ playing: false }, 150);
  expect([at.at(150), at.at(5_000), at.isPlaying(5_000)]).toEqual([1_200, 1_200, false]);
  at.change({ playing: true, speed: 10 }, 5_000);
  expect(at.at(5_100)).toBe(2_200);
  at.change({ atMs: 20_000 }, 5_100);
  expect(at.at(5_100)).toBe(9_000);
  at.change({ atMs: 0 }, 5_100);
  expect(at.at(5_101)).toBe(1_010);
});
