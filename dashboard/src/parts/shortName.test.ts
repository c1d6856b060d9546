import { expect, it } from "vitest";
import { shortName, withoutBrackets } from "./shortName.js";

it("a name ends at a colon, a semicolon or a bracket", () => {
  expect(shortName("bundled network snapshot: a fixture; consistent")).toBe("bundled network snapshot");
  expect(shortName("United States, 2024, location-based; national average")).toBe(
    "United States, 2024, location-based",
  );
  expect(shortName("price list (by hand)")).toBe("price list");
});

it("a long name is cut at a word, a short one and an address stay", () => {
  const long = shortName(
    "a text that goes on and on, without any mark, for much longer than sixty characters",
  );
  expect(long).toBe("a text that goes on and on, without any mark, for much…");
  expect(shortName("http://127.0.0.1:80/price")).toBe("http://127.0.0.1:80/price");
  expect(shortName("(all in brackets)")).toBe("(all in brackets)");
});

it("a sentence loses its brackets only", () => {
  expect(withoutBrackets("Board 79 °C, limit 75 °C (sourced: config)")).toBe("Board 79 °C, limit 75 °C");
  expect(withoutBrackets("Earns 1; costs 2")).toBe("Earns 1; costs 2");
});
