import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { quickCheck } from "./quickCheck.js";
import { evidenceSchema, sampleSchema } from "./sample.js";

const sample = {
  rig: "10-0-0-5",
  atMs: 1_795_658_000_042,
  intervalMs: 5_000,
  pollMs: 21,
  status: "mining",
  algo: "sha256",
  hashrateThs: 110.6,
  powerW: 3_250,
  powerSource: "model",
  chipTempC: 71.5,
  fansRpm: [4_200, 4_260],
  boards: [{ slot: 1, hashrateThs: 36.9, chipTempC: 71.5, chips: 114, hwErrors: 3 }],
  shares: { accepted: 100, rejected: 1 },
  faults: [{ code: "530", text: "Slot 0 not detected" }],
  uptimeS: 8_000,
};
const odd = fc.oneof(
  fc.anything(),
  fc.double(),
  fc.constantFrom(
    -40,
    -41,
    130,
    131,
    2 ** 53,
    1e308,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "",
    "A",
    "a/b",
    "sleeping",
    [],
    {},
    null,
    undefined,
    "x".repeat(301),
  ),
);

describe("a quick check", () => {
  const check = quickCheck(sampleSchema);

  test("says yes to an ordinary sample", () => {
    expect(check(sample)).toBe(true);
    expect(
      quickCheck(evidenceSchema)({ address: "10.0.0.5", mac: "02:00:00:00:00:01", pools: [{ url: "x" }] }),
    ).toBe(true);
  });

  test("says yes only where the schema would give back the same", () => {
    const paths = [...Object.keys(sample), "mac", "unknown", "__proto__", "constructor"];
    fc.assert(
      fc.property(fc.constantFrom(...paths), odd, fc.boolean(), (key, value, inBoard) => {
        const changed = structuredClone(sample) as Record<string, unknown>;
        const into = inBoard ? (changed.boards as Record<string, unknown>[])[0]! : changed;
        Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
        if (!check(changed)) return;
        const parsed = sampleSchema.safeParse(changed);
        expect(parsed.success).toBe(true);
        expect(parsed.data).toEqual(changed);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ["a missing key", { ...sample, rig: undefined }],
    ["an unknown key", { ...sample, more: 1 }],
    ["an unknown key within", { ...sample, boards: [{ slot: 1, more: 1 }] }],
    ["a value out of bounds", { ...sample, chipTempC: 131 }],
    ["a fraction where whole numbers belong", { ...sample, boards: [{ slot: 1.5 }] }],
    ["too many boards", { ...sample, boards: Array(33).fill({ slot: 1 }) }],
    ["a name that is none", { ...sample, rig: "A b" }],
    ["an array", [sample]],
    ["nothing", null],
  ])("leaves %s to the schema", (_what, value) => {
    expect(check(value)).toBe(false);
  });

  test("cannot be made of what it does not know", () => {
    expect(() => quickCheck(z.object({ at: z.date() }))).toThrow("no quick check of a date");
    expect(() => quickCheck(z.string().refine((text) => text === "x"))).toThrow("no quick check of custom");
  });
});
