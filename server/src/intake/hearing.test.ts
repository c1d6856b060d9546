import { describe, expect, test } from "vitest";
import { Hearing } from "./hearing.js";

describe("hearing the agents", () => {
  test("begins with the connection to the broker, and anew after each break", () => {
    const hearing = new Hearing(false, 0);
    expect(hearing.sinceMs).toBe(Number.POSITIVE_INFINITY);
    hearing.connected(true, 5);
    expect(hearing.sinceMs).toBe(5);
    hearing.connected(false, 8);
    expect(hearing.sinceMs).toBe(Number.POSITIVE_INFINITY);
    hearing.connected(true, 9);
    expect(hearing.sinceMs).toBe(9);
  });

  test("pauses while the store takes nothing, since agents then keep to themselves what they read", () => {
    const hearing = new Hearing(true, 0);
    hearing.storing(true, 1_000);
    expect(hearing.sinceMs).toBe(0);
    for (const nowMs of [2_000, 3_000]) hearing.storing(false, nowMs);
    expect(hearing.sinceMs).toBe(Number.POSITIVE_INFINITY);
    hearing.storing(true, 4_000);
    hearing.storing(true, 5_000);
    expect(hearing.sinceMs).toBe(4_000);
  });

  test("needs both, whichever comes back first", () => {
    const hearing = new Hearing(true, 0);
    hearing.storing(false, 1);
    hearing.connected(false, 2);
    hearing.storing(true, 3);
    expect(hearing.sinceMs).toBe(Number.POSITIVE_INFINITY);
    hearing.connected(true, 4);
    expect(hearing.sinceMs).toBe(4);
  });
});
