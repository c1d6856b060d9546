import { expect, it } from "vitest";
import { newerDetail } from "./newerDetail.js";

it("a rig is shown by its newer reading, whichever way that came", () => {
  const at = (receivedMs: number | null) => ({ receivedMs });
  const [none, old, young] = [at(null), at(1_000), at(2_000)];
  expect(newerDetail(old, young)).toBe(young);
  expect(newerDetail(young, old)).toBe(young);
  expect(newerDetail(none, old)).toBe(old);
  expect(newerDetail(old, none)).toBe(old);
  const live = at(1_000);
  expect(newerDetail(live, old)).toBe(live);
  expect(newerDetail(undefined, old)).toBe(old);
  expect(newerDetail(old, undefined)).toBe(old);
  expect(newerDetail(undefined, undefined)).toBeUndefined();
});
