import { expect, it } from "vitest";
import { wholeSteps } from "./wholeSteps.js";

const kept = (covered: (number | null)[]) =>
  wholeSteps({
    toMs: covered.length * 10,
    stepMs: 10,
    tMs: covered.map((_, at) => at * 10),
    columns: { covered, powerW: covered.map((share) => (share ? 5 : null)) },
  }).columns.powerW!.map((value) => (value === null ? "·" : "x"));

it("a first, last or lone step that was measured in small part is left out", () => {
  expect(kept([0, 0.02, 1, 1, 0.3]).join("")).toBe("··xx·");
  expect(kept([0, 0.02, 0]).join("")).toBe("···");
  expect(kept([0.02, 0.98, 0.97]).join("")).toBe("·xx");
});

it("a dip between whole steps is a gap", () => {
  expect(kept([1, 1, 0.4, 1]).join("")).toBe("xx·x");
});

it("a fleet of which most rigs stay silent keeps its steps", () => {
  expect(kept([0.3, 0.3, 0.3]).join("")).toBe("xxx");
  expect(kept([1, 1, 0.3, 0.3, 0.3]).join("")).toBe("xxxxx");
});

it("a history that does not say what was covered stays as it is", () => {
  const plain = { toMs: 10, stepMs: 10, tMs: [0], columns: { powerW: [5] } };
  expect(wholeSteps(plain)).toBe(plain);
});
