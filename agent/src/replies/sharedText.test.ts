import { expect, it } from "vitest";
import { sharedText } from "./sharedText.js";

it("a text stays what it is, whatever was shared before it", () => {
  expect(sharedText("Antminer S19 Pro")).toBe("Antminer S19 Pro");
  for (let i = 0; i < 10_000; i++) expect(sharedText(`invented ${i}`)).toBe(`invented ${i}`);
  expect(sharedText("Antminer S19 Pro")).toBe("Antminer S19 Pro");
});
