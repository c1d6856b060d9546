import { expect, it } from "vitest";
import { askAgainMs } from "./askAgainMs.js";
import { FetchError } from "./fetchApi.js";

it("what failed is asked for again within half a minute where waiting may help, else as usual", () => {
  const away = new FetchError("unreachable", "no connection");
  const refused = new FetchError("refused", "no such site");
  expect(askAgainMs(3_600_000, away)).toBe(30_000);
  expect(askAgainMs(5_000, away)).toBe(5_000);
  expect(askAgainMs(3_600_000, refused)).toBe(3_600_000);
  expect(askAgainMs(3_600_000, undefined)).toBe(3_600_000);
});
