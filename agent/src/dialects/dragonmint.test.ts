import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseBody, type Reply } from "../replies/reply.js";
import type { Facts, Seen } from "./dialect.js";
import { dragonmint } from "./dragonmint.js";

const answer = (value: unknown): Reply => parseBody(JSON.stringify(value), false);
const STATUS = [{ STATUS: "S", Code: 70, Description: "cgminer 4.10.0" }];
const chain = (n: number, changes: object = {}) => ({
  STATS: n,
  ID: `DT1${n}`,
  Elapsed: 204_725,
  "Chain ID": n,
  "Num chips": 63,
  "Num active chips": 62,
  Temp: 72,
  "Temp max": 84,
  "Fan duty": 45,
  "MHS av": 5_370_000,
  "00 Temp": 83,
  ...changes,
});
const ANSWERS: Record<string, object> = {
  stats: { STATUS, STATS: [chain(0), chain(1), chain(2, { "Temp max": 60 }), { STATS: 3, ID: "POOL0" }] },
};
const SUMMARY = { STATUS, SUMMARY: [{ Elapsed: 204_730, "MHS 5s": 15_900_000, "MHS av": 16_000_000 }] };

function read(changes: Record<string, object> = {}, damaged: string[] = []): Reading {
  const by: Record<string, Reply> = {};
  for (const [name, value] of Object.entries({ ...ANSWERS, ...changes }))
    if (!damaged.includes(name)) by[name] = answer(value);
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => dragonmint.learn(known, name, reply),
    {},
  );
  return dragonmint.decode({ by, damaged: new Set(damaged) }, facts);
}

describe("a DragonMint T1", () => {
  it("is read by its boards alone", () => {
    expect(read()).toMatchObject({
      status: "mining",
      make: "Halong",
      model: "DragonMint T1",
      firmware: "cgminer 4.10.0",
      hashrateThs: 16.11,
      hashrateAvgThs: 16.11,
      boardTempC: 72,
      chipTempC: 84,
      fanDutyRatio: 0.45,
      boards: [
        { slot: 0, hashrateThs: 5.37, boardTempC: 72, chipTempC: 84, chips: 62, chipsExpected: 63 },
        { slot: 1 },
        { slot: 2, chipTempC: undefined },
      ],
      uptimeS: 204_725,
    });
  });

  it("hashes what its summary says, where it says it", () => {
    expect(read({ summary: SUMMARY })).toMatchObject({
      hashrateThs: 15.9,
      hashrateWindowS: 5,
      hashrateAvgThs: 16,
    });
    expect(read({ summary: SUMMARY }, ["stats"])).toMatchObject({ hashrateThs: 15.9, boards: undefined });
  });

  it("has no row for a missing board, and stands while it hashes nothing", () => {
    expect(read({ stats: { STATUS, STATS: [chain(2)] } }).boards?.map(({ slot }) => slot)).toEqual([2]);
    expect(read({ stats: { STATUS, STATS: [chain(2, { "MHS av": 0 })] } }).status).toBe("idle");
  });

  it("makes nothing up for an answer that was cut or garbled", () => {
    expect(() => read({}, ["stats"])).toThrow(AgentError);
    expect(() => read({ summary: SUMMARY }, ["summary"])).toThrow(AgentError);
    for (const [name, whole] of Object.entries({ ...ANSWERS, summary: SUMMARY }))
      expect(complaints(whole, (junk) => read({ summary: SUMMARY, [name]: junk as object }))).toEqual([]);
  });

  it("is claimed by the boards in `stats`", () => {
    const seen = (by: Record<string, Reply>): Seen => ({ by, asked: new Set(Object.keys(by)), text: "x" });
    expect(dragonmint.claims(seen({ stats: answer(ANSWERS.stats) })).kind).toBe("mine");
    expect(dragonmint.claims(seen({ stats: answer({ STATUS, STATS: [{ ID: "BC50" }] }) })).kind).toBe("not");
  });
});
