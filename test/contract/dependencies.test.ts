import { describe, expect, test } from "vitest";
import { breachesOf, isAllowed, listOf } from "../../scripts/check-dependencies.mjs";

const packageOf = (entry: object) => ({
  packages: { "node_modules/x": { version: "1.0.0", license: "MIT", integrity: "sha512-x", ...entry } },
});

describe("what the lockfile may bring in", () => {
  test.each([
    [
      "a licence that is not allowed",
      { license: "GPL-3.0-only" },
      /x@1\.0\.0: licence GPL-3\.0-only is not allowed$/,
    ],
    ["a tool's licence in what is shipped", { license: "MPL-2.0" }, /not allowed in what is shipped/],
    ["no licence at all", { license: undefined }, /states no licence/],
    ["a script at installation", { hasInstallScript: true }, /runs a script when it is installed/],
    ["a host", { resolved: "https://registry.example/x.tgz" }, /names a host/],
    ["no hash", { integrity: undefined }, /no integrity hash/],
  ])("refuses %s", (_what, entry, said) => {
    const breaches = breachesOf(packageOf(entry));
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toMatch(said);
  });

  test("takes an allowed package, a tool under a tool's licence, and our own workspaces", () => {
    expect(breachesOf(packageOf({}))).toEqual([]);
    expect(breachesOf(packageOf({ license: "MPL-2.0", dev: true }))).toEqual([]);
    expect(
      breachesOf({ packages: { "": {}, agent: {}, "node_modules/@hashwatt/agent": { link: true } } }),
    ).toEqual([]);
  });

  test("one way of a choice of licences is enough, all of a sum are needed", () => {
    const allowed = new Set(["MIT", "ISC"]);
    expect(isAllowed("(GPL-2.0 OR MIT)", allowed)).toBe(true);
    expect(isAllowed("MIT AND GPL-2.0", allowed)).toBe(false);
    expect(isAllowed("MIT AND ISC", allowed)).toBe(true);
  });

  test("the list tells what is shipped from what only builds and tests", () => {
    const list = listOf({
      packages: {
        "node_modules/a": { license: "MIT" },
        "node_modules/b/node_modules/@c/d": { license: "ISC", dev: true },
      },
    });
    const [shipped, tools] = list.split("## To build and test");
    expect(shipped).toContain("| MIT | a |");
    expect(tools).toContain("| ISC | @c/d |");
  });
});
