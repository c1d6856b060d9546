import { expect, it } from "vitest";
import { Turns } from "./turns.js";

it("what is asked for while something is under way is done after it, also where that fails", async () => {
  const turns = new Turns();
  const done: string[] = [];
  let fail = (_: Error) => {};
  const first = turns.take(
    () =>
      new Promise<void>((_, reject) => {
        done.push("first begins");
        fail = reject;
      }),
  );
  const second = turns.take(async () => {
    done.push("second begins");
    return "second";
  });
  await Promise.resolve();
  expect(turns.idle).toBe(false);
  expect(done).toEqual(["first begins"]);
  fail(new Error("refused"));
  await expect(first).rejects.toThrow("refused");
  expect(await second).toBe("second");
  expect(done).toEqual(["first begins", "second begins"]);
  expect(turns.idle).toBe(true);
});
