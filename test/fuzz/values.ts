import * as fc from "fast-check";
import { NASTY_TEXTS } from "./nasty.js";

/** Numbers at and beyond every bound that a reading has. */
const NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  1,
  0.5,
  -0.5,
  130.0001,
  -40.1,
  999,
  30_001,
  20_001,
  1e15,
  1e15 + 2,
  1e16,
  1e300,
  -1e300,
  5e-324,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  2 ** 63,
  Number.POSITIVE_INFINITY,
  8.64e15,
  4_102_444_800_000,
  1_577_836_799_999,
];

const TEXTS: readonly string[] = [
  ...NASTY_TEXTS,
  "",
  " ",
  "0",
  "-",
  "-1",
  "1e999",
  "-1e-999",
  "0x1F",
  "1,5",
  "1.5 TH/s",
  "N/A",
  "null",
  "true",
  "∞",
  "١٢٣",
  "12:30",
  "73-45--64",
  "Infinity",
  "9".repeat(400),
  "{}",
  "[]",
  '"',
  "\\",
];

/** Any text of UTF-16, halves of letters too. */
const units = (maxLength: number) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xffff })), { maxLength })
    .map((codes) => String.fromCharCode(...codes));

const leaf = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  fc.double(),
  units(60),
  fc.constantFrom(null, true, false),
);

const key = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "length",
    "",
    "STATUS",
    "rig",
  ),
  units(12),
);

const value: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthIdentifier: "node" },
    { weight: 6, arbitrary: leaf },
    fc.array(tie("node"), { maxLength: 6, depthIdentifier: "node" }),
    fc.array(fc.tuple(key, tie("node")), { maxLength: 5 }).map(asObject),
  ),
})).node;

/** Keys such as `__proto__` become keys, as JSON.parse makes them. */
function asObject(pairs: readonly (readonly [string, unknown])[]): unknown {
  const object: Record<string, unknown> = {};
  for (const [name, member] of pairs)
    Object.defineProperty(object, name, {
      value: member,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return object;
}

const POOL = 1_000;

/** A thousand JSON values of every wrong kind and size, by fast-check: the same for the same seed. */
export const oddValues = (seed: number): readonly unknown[] => [
  ...NUMBERS,
  ...TEXTS,
  ...fc.sample(value, { seed, numRuns: POOL }),
];

/** A JSON text that is deeper, longer or wider than any reader likes. */
export const HEAVY: readonly string[] = [
  "[".repeat(20_000),
  `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
  `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`,
  `[${"0,".repeat(30_000)}0]`,
  `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":${i}`).join(",")}}`,
  `"${"\\u0000".repeat(10_000)}"`,
  "9".repeat(50_000),
  `-${"0".repeat(20_000)}.${"0".repeat(20_000)}1`,
  `"${"é".repeat(60_000)}"`,
];
