import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checked } from "./checked.js";

describe("a stranger's value", () => {
  const schema = z.object({ name: z.string().max(5), list: z.array(z.number()).max(3) });
  // JSON can say it, and comparing it with a number throws.
  const trap = { length: { toString: "x" } };

  test("is refused where a text or a list is an object with a length that is none", () => {
    for (const value of [
      { name: trap, list: [] },
      { name: "a", list: trap },
    ])
      expect(checked(schema, value).error?.issues[0]?.message).toMatch(/in the place of a text/);
  });

  test("is told what is wrong with it as ever, and passes where nothing is", () => {
    expect(checked(schema, { name: "abcdef", list: [] }).error?.issues[0]?.path).toEqual(["name"]);
    expect(checked(schema, { name: "a", list: [1], more: 1 }).data).toEqual({ name: "a", list: [1] });
  });
});
