import { describe, expect, it } from "vitest";
import { fixture } from "../fixtures/scriptedLink.js";
import type { Reading } from "../reading.js";
import { parseReply } from "../replies/reply.js";
import { antminer } from "./antminer.js";
import type { Facts, Seen } from "./dialect.js";

const S19 = fixture("antminer-s19pro.json");
type Row = Record<string, unknown>;

/** Decodes the fixture with changes to its summary and to the readings row of its stats; null leaves a row out. */
function decode(stats: Row | null, summary: Row | null = {}): Reading {
  const parse = (text: string) => parseReply(text, true);
  const by = { summary: parse(S19.summary!), stats: parse(S19.stats!), pools: parse(S19.pools!) };
  const list = (name: "summary" | "stats", section: string, at: number, change: Row | null) => {
    const rows = by[name].members[section] as Row[];
    if (change === null) rows.splice(0);
    else rows[at] = { ...rows[at], ...change };
  };
  list("summary", "SUMMARY", 0, summary);
  list("stats", "STATS", 1, stats);
  let facts: Facts = antminer.learn({}, "version", parse(S19.version!));
  facts = antminer.learn(facts, "stats", by.stats);
  return antminer.decode({ by, damaged: new Set() }, facts);
}

describe("a stock Antminer", () => {
  it("is read in canonical units, boards, fans and pools included", () => {
    expect(decode({})).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S19 Pro",
      firmware: "Fri Nov 17 17:37:21 CST 2023",
      apiVersion: "3.1",
      dialect: "bitmain-stock",
      nominalThs: 110,
      hashrateThs: 109.51234,
      hashrateWindowS: 5,
      hashrateAvgThs: 109.87325,
      boardTempC: 66,
      chipTempC: 71,
      fansRpm: [5880, 5910, 5040, 5070],
      uptimeS: 86420,
      shares: { accepted: 4100, rejected: 3, stale: 1, acceptedDiff: 2149580800, rejectedDiff: 1572864 },
      boards: [
        {
          slot: 1,
          hashrateThs: 36.48011,
          boardTempC: 64,
          chipTempC: 69,
          chips: 114,
          hwErrors: 21,
          frequencyMHz: 525,
        },
        {
          slot: 2,
          hashrateThs: 36.62047,
          boardTempC: 66,
          chipTempC: 71,
          chips: 114,
          hwErrors: 19,
          frequencyMHz: 525,
        },
        {
          slot: 3,
          hashrateThs: 36.41176,
          boardTempC: 63,
          chipTempC: 68,
          chips: 114,
          hwErrors: 17,
          frequencyMHz: 525,
        },
      ],
      pools: [
        expect.objectContaining({
          url: "stratum+tcp://pool0.example.com:3333",
          active: true,
          accepted: 4100,
          stale: 1,
        }),
        expect.objectContaining({ url: "stratum+tcp://pool1.example.com:3333", active: false, accepted: 0 }),
        expect.objectContaining({ url: "stratum+tcp://pool2.example.com:3333", active: false }),
      ],
    });
  });

  it("reports no row for a board that is missing", () => {
    const gone = {
      chain_acn2: 0,
      chain_rate2: "",
      temp_pcb2: "0-0-0-0",
      temp_chip2: "0-0-0-0",
      temp2: 0,
      temp2_2: 0,
    };
    expect(decode(gone).boards?.map((board) => board.slot)).toEqual([1, 3]);
  });

  it("reports a board without chips as such while its sensors answer", () => {
    const board = decode({ chain_acn2: 0, chain_rate2: "0.00" }).boards?.[1];
    expect(board).toMatchObject({ slot: 2, chips: 0, hashrateThs: 0, boardTempC: 66 });
  });

  it.each([
    [
      "dead sensors",
      { temp_pcb1: "0-255-0-0", temp1: 255, temp_chip1: "255-0-m-m", temp2_1: 0 },
      undefined,
      undefined,
    ],
    [
      "cold sensors",
      { temp_pcb1: "-12--13--5--20", temp1: -9, temp_chip1: "-4--3--2--6", temp2_1: -3 },
      -5,
      -2,
    ],
    ["a chip cooler than its board", { temp_chip1: "20-21-22-23", temp2_1: 23 }, 64, undefined],
    ["absent lists", { temp_pcb1: "-", temp_chip1: "-" }, 64, 69],
    ["S17 keys", { temp_pcb1: "42-63", temp1: 63, temp2_1: 63, temp3_1: 78, temp_chip1: "" }, 63, 78],
  ])("reads %s", (_, change, boardTempC, chipTempC) => {
    expect(decode(change).boards?.[0]).toMatchObject({ boardTempC, chipTempC });
  });

  it.each([
    ["four that turn", {}, [5880, 5910, 5040, 5070]],
    ["one that stands", { fan3: 0 }, [5880, 5910, 0, 5070]],
    ["four of eight connectors", { fan5: 0, fan6: 0, fan7: 0, fan8: 0 }, [5880, 5910, 5040, 5070]],
    [
      "two on the connectors of an S9",
      { fan_num: 2, fan1: 0, fan2: 0, fan3: 0, fan4: 0, fan5: 4000, fan6: 4100 },
      [4000, 4100],
    ],
    ["an impossible speed", { fan1: 65535 }, [5910, 5040, 5070]],
    ["none, as on hydro", { fan_num: 0, fan1: 0, fan2: 0, fan3: 0, fan4: 0 }, undefined],
  ])("has fans: %s", (_, change, rpm) => expect(decode(change).fansRpm).toEqual(rpm));

  it.each([
    ["mining", {}, {}],
    ["starting", { "GHS 5s": 0 }, { "GHS 5s": 0, "GHS av": 0, Elapsed: 60 }],
    ["idle", { "GHS 5s": 0 }, { "GHS 5s": 0, "GHS av": 90_000, Elapsed: 90_000 }],
  ])("is %s", (status, stats, summary) => expect(decode(stats, summary).status).toBe(status));

  it("sleeps when its sections are empty", () =>
    expect(decode(null, null)).toMatchObject({ status: "sleeping", model: "Antminer S19 Pro" }));

  it("sleeps when all it reports is zero", () => {
    const zero: Row = { "GHS 5s": 0, "GHS av": 0, Elapsed: 0 };
    const stats: Row = { ...zero };
    for (const n of [1, 2, 3, 4])
      Object.assign(stats, {
        [`fan${n}`]: 0,
        [`chain_acn${n}`]: 0,
        [`chain_rate${n}`]: "",
        [`temp${n}`]: 0,
        [`temp2_${n}`]: 0,
        [`temp_pcb${n}`]: "0-0-0-0",
        [`temp_chip${n}`]: "0-0-0-0",
      });
    const reading = decode(stats, zero);
    expect(reading).toMatchObject({ status: "sleeping", hashrateThs: 0 });
    expect(reading.boards).toBeUndefined();
  });

  it("leaves out a hashrate that no such rig can have, and still mines", () => {
    const reading = decode({ "GHS 5s": 110_000_000 }, { "GHS 5s": 110_000_000 });
    expect(reading).toMatchObject({ status: "mining", hashrateAvgThs: 109.87325 });
    expect(reading.hashrateThs).toBeUndefined();
    expect(reading.powerW).toBeUndefined();
  });

  it("does without what is inf, nan or empty", () => {
    const reading = decode(
      { chain_rate1: "nan", freq1: "" },
      { Accepted: "inf", "Difficulty Accepted": "-" },
    );
    expect(reading.boards?.[0]).toMatchObject({ slot: 1, hashrateThs: undefined, frequencyMHz: undefined });
    expect(reading.shares).toBeUndefined();
  });
});

describe("a stock Antminer is claimed", () => {
  const seen = (texts: Record<string, string>): Seen => ({
    by: Object.fromEntries(Object.entries(texts).map(([command, text]) => [command, parseReply(text, true)])),
    asked: new Set(Object.keys(texts)),
    text: Object.values(texts).join("\n").toLowerCase(),
  });

  it("by version and stats together, since foreign firmware may show in stats alone", () => {
    expect(antminer.claims(seen({ version: S19.version! }))).toMatchObject({
      kind: "ask",
      question: { name: "stats" },
    });
    expect(antminer.claims(seen({ version: S19.version!, stats: S19.stats! }))).toEqual({ kind: "mine" });
  });

  it("by stats alone", () => expect(antminer.claims(seen({ stats: S19.stats! }))).toEqual({ kind: "mine" }));

  it("not when it is something else", () =>
    expect(antminer.claims(seen({ version: '{"VERSION":[{"CGMiner":"4.11.1"}]}' }))).toEqual({
      kind: "not",
    }));
});
