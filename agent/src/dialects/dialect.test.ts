import type { Pool } from "@hashwatt/protocol/sample";
import { describe, expect, it } from "vitest";
import { type Facts, withFacts } from "./dialect.js";

const pool = (changes: Partial<Pool> = {}): Pool => ({
  url: "stratum+tcp://pool.example.com:3333",
  status: "alive",
  ...changes,
});

describe("what a rig tells again", () => {
  const facts: Facts = {
    model: "Antminer S19",
    pools: [pool(), pool({ url: "stratum+tcp://b.example.com" })],
  };
  const again = () => structuredClone(facts.pools as Pool[]);

  it("leaves the facts as they are when it says the same, in whatever order and with keys that are undefined", () => {
    expect(withFacts(facts, { pools: again(), model: "Antminer S19", serial: undefined })).toBe(facts);
    const [first, second] = again();
    const turned = { status: first?.status, user: undefined, url: first?.url } as unknown as Pool;
    expect(withFacts(facts, { pools: [turned, second as Pool] })).toBe(facts);
  });

  it.each<[string, (pools: Pool[]) => Pool[]]>([
    ["a value that differs", ([a, b]) => [{ ...(a as Pool), status: "dead" }, b as Pool]],
    ["a key more", ([a, b]) => [{ ...(a as Pool), user: "x" }, b as Pool]],
    ["a key less", ([a, b]) => [{ url: (a as Pool).url }, b as Pool]],
    ["a row less", ([a]) => [a as Pool]],
    ["another order of rows", (pools) => pools.reverse()],
  ])("makes new facts of %s", (_, change) => {
    const pools = change(again());
    const changed = withFacts(facts, { pools });
    expect(changed).not.toBe(facts);
    expect(changed.pools).toEqual(pools);
  });

  it("takes what is nested without an end for new, and does not fall over it", () => {
    const nested = () => {
      let value: unknown = 1;
      for (let i = 0; i < 100_000; i++) value = [value];
      return value;
    };
    const held: Facts = { errors: [{ nested: nested() }] };
    // Compared here: what prints a difference would fall over it itself.
    expect(withFacts(held, { errors: [{ nested: nested() }] }) === held).toBe(false);
  });
});
