import { describe, expect, test } from "vitest";
import { Secret } from "../secret.js";
import { PasswordCheck } from "./passwordCheck.js";
import { Busy, hashPassword, isPasswordOf, looksHashed, parsePasswordHash } from "./passwordHash.js";

describe("a password's hash", () => {
  test("is another each time, fits its password alone, and holds nothing that a shell or an .env file would change", async () => {
    const [one, two] = [await hashPassword("battery staple"), await hashPassword("battery staple")];
    expect(one).not.toBe(two);
    for (const text of [one, two]) {
      expect(text).toMatch(/^scrypt:15:8:3:[\w-]+:[\w-]+$/);
      const hash = parsePasswordHash(text)!;
      expect(await isPasswordOf(hash, "battery staple")).toBe(true);
      expect(await isPasswordOf(hash, "battery stapl")).toBe(false);
    }
    expect(parsePasswordHash(one.replaceAll(":", "$"))).toEqual(parsePasswordHash(one));
  });

  test("fits a password in whichever of its Unicode forms a keyboard gives it", async () => {
    const hash = parsePasswordHash(await hashPassword("p\u00e4ssw\u00f6rter"))!;
    expect(await isPasswordOf(hash, "pa\u0308sswo\u0308rter")).toBe(true);
  });

  const salt = "A".repeat(22);
  const key = "B".repeat(43);
  test.each([
    ["cut", `scrypt:15:8:3:${salt}:${key.slice(1)}`],
    ["without its first part, as Compose leaves it of a $", `scrypt:8:3:${salt}:${key}`],
    ["of mixed separators", `scrypt:15$8:3:${salt}:${key}`],
    ["so dear that a login would take all memory", `scrypt:22:8:1:${salt}:${key}`],
    ["so dear that a login would take for ever", `scrypt:15:8:99:${salt}:${key}`],
    ["that costs nothing", `scrypt:1:8:1:${salt}:${key}`],
    ["of nothing", "scrypt:"],
  ])("is refused when it is one %s, and never taken for a password", (_what, text) => {
    expect(parsePasswordHash(text)).toBeUndefined();
    expect(looksHashed(text)).toBe(true);
  });
});

test("no more passwords are checked at once than can be waited for; after that all goes on", async () => {
  const cheap = parsePasswordHash(`scrypt:10:1:1:${"A".repeat(22)}:${"B".repeat(43)}`)!;
  const checks = await Promise.allSettled(Array.from({ length: 80 }, () => isPasswordOf(cheap, "guess")));
  expect(checks.filter(({ status }) => status === "fulfilled")).toHaveLength(64);
  expect(checks.find((check) => check.status === "rejected")?.reason).toBeInstanceOf(Busy);
  expect(await isPasswordOf(cheap, "guess")).toBe(false);
});

describe("the check of a password", () => {
  test.each(["as it is", "as a hash"])(
    "that is given %s accepts it, again and again, and nothing else",
    async (how) => {
      const text = "correct horse";
      const check = new PasswordCheck(new Secret(how === "as it is" ? text : await hashPassword(text)));
      for (const given of ["correct horsf", "", text, text, "correct hors", `${text} `, text])
        expect(await check.matches(given), given).toBe(given === text);
    },
  );

  test("does not take the hash itself for the password", async () => {
    const hash = await hashPassword("correct horse");
    expect(await new PasswordCheck(new Secret(hash)).matches(hash)).toBe(false);
  });
});
