import { expect, test } from "vitest";
import { EvidenceBook } from "./evidenceBook.js";

const evidence = { address: "10.0.0.1", model: "M50" };

test("evidence travels with a rig's first sample of a stream, and then on change only", () => {
  const book = new EvidenceBook();
  expect(book.due("r", evidence, "s1")).toBe(evidence);
  expect(book.due("r", evidence, "s1")).toBeUndefined();
  expect(book.due("r", { ...evidence }, "s1")).toBeUndefined();
  const changed = { ...evidence, model: "M60" };
  expect(book.due("r", changed, "s1")).toBe(changed);
  expect(book.due("r", changed, "s2")).toBe(changed);
});

test("a rig that does not answer is described by what is known of it", () => {
  const book = new EvidenceBook();
  expect(book.due("r", undefined, "s1")).toBeUndefined();
  expect(book.due("r", evidence, "s1")).toBe(evidence);
  expect(book.due("r", undefined, "s2")).toBe(evidence);
  expect(book.due("r", undefined, "s2")).toBeUndefined();
});
