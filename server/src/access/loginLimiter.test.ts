import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LoginLimiter, networkOf } from "./loginLimiter.js";

describe("the limit of tries at a password", () => {
  test("lets a network try five times, then once more after each wait it is told, and leaves others alone", () => {
    let nowMs = 0;
    const limiter = new LoginLimiter(() => nowMs);
    for (let i = 0; i < 5; i++) expect(limiter.take("10.0.0.1")).toBe(0);
    for (let i = 0; i < 3; i++) {
      const waitMs = limiter.take("10.0.0.1");
      expect(waitMs).toBeGreaterThan(1_000);
      expect(limiter.take("10.0.0.2")).toBe(0);
      nowMs += waitMs;
      expect(limiter.take("10.0.0.1")).toBe(0);
    }
  });

  test("gives a try back when the password was right", () => {
    const limiter = new LoginLimiter(() => 0);
    for (let i = 0; i < 50; i++) {
      expect(limiter.take("10.0.0.1")).toBe(0);
      limiter.giveBack("10.0.0.1");
    }
    for (let i = 0; i < 5; i++) expect(limiter.take("10.0.0.1")).toBe(0);
    expect(limiter.take("10.0.0.1")).toBeGreaterThan(0);
  });

  test("counts each user of one address by itself, if told their names, and remembers little of long ones", () => {
    const limiter = new LoginLimiter(() => 0, { burst: Number.POSITIVE_INFINITY, everyMs: 1 });
    for (const user of ["a1", "a2", "x".repeat(60_000)]) {
      for (let i = 0; i < 5; i++) expect(limiter.take("10.0.0.1", user)).toBe(0);
      expect(limiter.take("10.0.0.1", user)).toBe(12_000);
    }
    expect(limiter.take("10.0.0.1", "x".repeat(60_001))).toBe(12_000);
    for (let i = 0; i < 5_000; i++) expect(limiter.take("10.0.0.2", `b${i}`)).toBe(0);
  });

  test("holds for all together, however many addresses they come from, and never for good", () => {
    let nowMs = 0;
    const limiter = new LoginLimiter(() => nowMs);
    let tries = 0;
    for (let i = 0; i < 20_000; i++) {
      nowMs = i;
      if (limiter.take(`10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`) === 0) tries++;
    }
    expect(tries).toBe(30 + 9);
    nowMs += limiter.take("192.168.0.9");
    expect(limiter.take("192.168.0.9")).toBe(0);
  });
});

describe("the network of an address", () => {
  test.each([
    ["192.168.1.7", "192.168.1.7"],
    ["::ffff:192.168.1.7", "192.168.1.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("of %s is %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test("is one for all addresses behind the same 64 bits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff), { minLength: 4, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 4, maxLength: 4 }),
        (front, back) => {
          const hex = (words: number[]) => words.map((word) => word.toString(16)).join(":");
          expect(networkOf(`${hex(front)}:${hex(back)}`)).toBe(`${hex(front)}::/64`);
        },
      ),
    );
  });
});
