import { expect, test } from "vitest";
import { EvidenceBook } from "./evidenceBook.js";

const evidence = { address: "10.0.0.1", model: "M50" };

test("evidence travels with a rig's first sample of a stream, and on change", () => {
  const book = new EvidenceBook();
  expect(book.due("r", evidence, "s1", 0)).toBe(evidence);
  expect(book.due("r", evidence, "s1", 1)).toBeUndefined();
  expect(book.due("r", { ...evidence }, "s1", 2)).toBeUndefined();
  const changed = { ...evidence, model: "M60" };
  expect(book.due("r", changed, "s1", 3)).toBe(changed);
  expect(book.due("r", changed, "s2", 4)).toBe(changed);
});

test("every ten minutes a stream is told again, for the record that held it may be lost", () => {
  const book = new EvidenceBook();
  const told: number[] = [];
  for (let monoMs = 0; monoMs <= 1_800_000; monoMs += 5_000)
    if (book.due("r", evidence, monoMs < 900_000 ? "s1" : "s2", monoMs)) told.push(monoMs);
  expect(told).toEqual([0, 600_000, 900_000, 1_500_000]);
});

test("a rig that does not answer is described by what is known of it", () => {
  const book = new EvidenceBook();
  expect(book.due("r", undefined, "s1", 0)).toBeUndefined();
  expect(book.due("r", evidence, "s1", 1)).toBe(evidence);
  expect(book.due("r", undefined, "s2", 2)).toBe(evidence);
  expect(book.due("r", undefined, "s2", 3)).toBeUndefined();
});
