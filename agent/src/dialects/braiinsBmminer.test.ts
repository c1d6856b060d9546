import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseReply, type Reply } from "../replies/reply.js";
import { braiinsBmminer } from "./braiinsBmminer.js";
import type { Facts, Seen } from "./dialect.js";
import { dialects } from "./registry.js";

const json = (value: object): Reply => parseReply(JSON.stringify({ ...value, id: 1 }), true);
const BUILD = "bOS_am1-s9-20190221-0_0badcafe";
const STATUS = [{ STATUS: "S", Code: 11, Description: `bmminer ${BUILD}` }];
const SUMMARY = { Elapsed: 90_000, "GHS 5s": "13500.5", "GHS av": 13_400, Accepted: 44, Rejected: 1 };
const flat = (keys: Record<string, [unknown, Record<number, unknown>]>) =>
  Object.fromEntries(
    Object.entries(keys).flatMap(([key, [rest, own]]) =>
      Array.from({ length: 16 }, (_, i) => [`${key}${i + 1}`, own[i + 1] ?? rest]),
    ),
  );
const READINGS = {
  STATS: 1,
  ID: "BC50",
  Elapsed: 90_000,
  "GHS 5s": "13500.5",
  "GHS av": 13_400,
  fan_num: 2,
  ...flat({
    fan: [0, { 5: 5040, 6: 3600 }],
    voltage: [0, { 6: 8.9, 8: 8.7 }],
    temp: [0, { 6: 59, 8: 55 }],
    temp2_: [0, { 6: 75, 8: 74 }],
    temp3_: [0, {}],
    freq_avg: [0, { 6: 631, 8: 656 }],
    chain_rateideal: [0, { 6: 4525.5, 8: 4530.5 }],
    chain_acn: [0, { 6: 63, 8: 63 }],
    chain_rate: ["", { 6: "4524.28", 8: "4550.58" }],
    chain_hw: [0, { 6: 844, 8: 1732 }],
  }),
  total_rateideal: 13_755.7,
};
const STATS = [{ BMMiner: BUILD, Miner: BUILD, CompileTime: "", Type: "braiins-am1-s9" }, READINGS];

function read(changes: Record<string, object> = {}, damaged: string[] = []): Reading {
  const answers = { summary: { STATUS, SUMMARY: [SUMMARY] }, stats: { STATUS, STATS }, ...changes };
  const by: Record<string, Reply> = {};
  for (const [name, value] of Object.entries(answers)) if (!damaged.includes(name)) by[name] = json(value);
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => braiinsBmminer.learn(known, name, reply),
    {},
  );
  return braiinsBmminer.decode({ by, damaged: new Set(damaged) }, facts);
}

describe("Braiins OS of the years of bmminer", () => {
  it("is read whole, and named after its platform", () => {
    expect(read()).toMatchObject({
      status: "mining",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S9",
      firmware: BUILD,
      dialect: "braiins-bmminer",
      nominalThs: 13.7557,
      hashrateThs: 13.5005,
      hashrateAvgThs: 13.4,
      boardTempC: 59,
      chipTempC: 75,
      fansRpm: [5040, 3600],
      boards: [
        { slot: 6, hashrateThs: 4.52428, boardTempC: 59, chipTempC: 75, chips: 63, voltageV: 8.9 },
        { slot: 8, hashrateThs: 4.55058, boardTempC: 55, chipTempC: 74, chips: 63, voltageV: 8.7 },
      ],
    });
  });

  it("is claimed by it alone, once `stats` has been seen", () => {
    const by = { summary: json({ STATUS, SUMMARY: [SUMMARY] }) };
    const seen = (all: Record<string, Reply>): Seen => ({
      by: all,
      asked: new Set(Object.keys(all)),
      text: `bmminer ${BUILD}`.toLowerCase(),
    });
    expect(braiinsBmminer.claims(seen(by))).toMatchObject({ kind: "ask", question: { name: "stats" } });
    const whole = seen({ ...by, stats: json({ STATUS, STATS }) });
    expect(dialects.filter((one) => one.claims(whole).kind === "mine").map(({ id }) => id)).toEqual([
      "braiins-bmminer",
    ]);
  });

  it("stands and does not sleep while it answers and hashes nothing", () => {
    const still = { ...SUMMARY, "GHS 5s": 0, "GHS av": 0 };
    expect(read({ summary: { STATUS, SUMMARY: [still] } })).toMatchObject({ status: "idle", hashrateThs: 0 });
  });

  it("makes nothing up for an answer that was cut or garbled", () => {
    expect(() => read({}, ["summary"])).toThrow(AgentError);
    const reading = read({}, ["stats"]);
    expect(reading).toMatchObject({ hashrateThs: 13.5005, boards: undefined });
    expect(complaints({ STATUS, STATS }, (junk) => read({ stats: junk as object }))).toEqual([]);
  });
});
