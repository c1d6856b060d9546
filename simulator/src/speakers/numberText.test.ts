import { expect, test } from "vitest";
import { Random } from "../random.js";
import { hundredthsText, tenthsText, twoDigitsText, wholeText } from "./numberText.js";
import { oneDecimal, twoDecimals } from "./reply.js";

const random = new Random("numbers");
const NUMBERS = [
  ...[
    0,
    -0,
    0.005,
    0.1,
    0.25,
    7,
    99.994,
    99.995,
    100,
    -3.456,
    2 ** 30 - 1,
    2 ** 30,
    1e12 + 0.5,
    999_999_999_999_999,
  ],
  ...[1e15, 1e21, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...Array.from({ length: 2_000 }, (_, i) => random.uniform() * 10 ** (i % 14)),
];

test("a rounded number is printed as JSON prints it", () => {
  for (const number of NUMBERS) {
    expect(hundredthsText(number)).toBe(JSON.stringify(twoDecimals(number)));
    expect(tenthsText(number)).toBe(JSON.stringify(oneDecimal(number)));
    expect(wholeText(Math.round(number))).toBe(JSON.stringify(Math.round(number)));
  }
});

test("two digits are printed where a firmware prints both", () => {
  for (const number of NUMBERS) expect(twoDigitsText(number)).toBe(twoDecimals(number).toFixed(2));
});
