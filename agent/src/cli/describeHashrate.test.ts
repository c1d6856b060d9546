import { expect, it } from "vitest";
import { describeHashrate } from "./describeHashrate.js";

it.each([
  [251.238, "251.24 TH/s"],
  [1, "1 TH/s"],
  [0.6251, "625.1 GH/s"],
  [0.0047, "4.7 GH/s"],
  [0.00035715, "357.15 MH/s"],
  [0.00000058, "580 kH/s"],
  [2e-11, "20 H/s"],
  [0, "0 TH/s"],
])("%s TH/s is written as %s", (ths, text) => {
  expect(describeHashrate(ths)).toBe(text);
});
