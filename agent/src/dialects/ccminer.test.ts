import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseBody, parseReply, type Reply } from "../replies/reply.js";
import { ccminer, ccminerWeb } from "./ccminer.js";
import type { Dialect, Facts, Seen } from "./dialect.js";

const json = (value: object): Reply => parseReply(JSON.stringify({ ...value, id: 1 }), true);
const STATUS = [{ STATUS: "S", Code: 11, Description: "ccminer 2.3.3" }];
const STATS = [
  { CGMiner: "2.3.3", CompileTime: "2023-05-28 17-20-35 CST", Type: "Hammer D10" },
  {
    Elapsed: 119_161,
    "MHS 5s": "4686.4",
    fan_num: 3,
    fan1: 4650,
    fan2: 0,
    fan3: 3870,
    temp1: 45,
    temp2: 42,
    temp3: 0,
    chain_acn1: 108,
    chain_acn2: 107,
    chain_acn3: 0,
    chain_hw1: 21,
    chain_hw2: 29,
    chain_hw3: 0,
    chain_rate1: "1578.2",
    chain_rate2: "1594.3",
    chain_rate3: "",
  },
];
const INFO = "GET /cgi-bin/get_system_info.cgi";
const ANSWERS: Record<string, object> = {
  summary: {
    STATUS,
    SUMMARY: [
      { Elapsed: 119_134, "MHS 5s": "3172.5", "MHS av": "3170", Accepted: "156.0000", Rejected: "1.0000" },
    ],
  },
  stats: { STATUS, STATS },
  version: { STATUS, VERSION: [{ API: "3.1", CompileTime: "2023-05-28 17-20-35 CST", Type: "Hammer D10" }] },
  [INFO]: { macaddr: "02:00:00:00:00:07", hostname: "row-3" },
};
const WEB: Record<string, object> = {
  "GET /cgi-bin/get_miner_status.cgi": {
    summary: { elapsed: "42", ghs5s: "18,500.5", ghsav: "18,400.0" },
    pools: [{ url: "stratum+tcp://p:3333", user: "a.b", status: "Alive", accepted: "12", rejected: "1" }],
    fan1: "1,200",
    fan2: "1300",
    fan3: "0",
    devs: [
      { index: "1", chain_acn: "120", freq: "2000", temp: [55, 57] },
      { index: "2", chain_acn: "0", freq: "0", temp: [0, 0] },
    ],
  },
  [INFO]: {
    macaddr: "02:00:00:00:00:07",
    hostname: "VolcMiner D1",
    system_filesystem_version: "2025-10-08 04-26-50 CST",
  },
};

function read(dialect: Dialect, answers: Record<string, unknown>, damaged: string[] = []): Reading {
  const by: Record<string, Reply> = {};
  for (const [name, value] of Object.entries(answers))
    if (value !== undefined && !damaged.includes(name)) by[name] = parseBody(JSON.stringify(value), false);
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => dialect.learn(known, name, reply),
    {},
  );
  return dialect.decode({ by, damaged: new Set(damaged) }, facts);
}

describe("ccminer on Hammer and VolcMiner", () => {
  it("is read over its cgminer API, without the temperatures that share a name", () => {
    const reading = read(ccminer, ANSWERS);
    expect(reading).toMatchObject({
      status: "mining",
      algo: "Scrypt",
      make: "Hammer",
      model: "Hammer D10",
      firmware: "2023-05-28 17-20-35 CST",
      apiVersion: "3.1",
      dialect: "ccminer",
      mac: "02:00:00:00:00:07",
      hostname: "row-3",
      hashrateThs: 0.0031725,
      hashrateAvgThs: 0.00317,
      fansRpm: [4650, 0, 3870],
      shares: { accepted: 156, rejected: 1 },
      uptimeS: 119_134,
    });
    expect(reading.boards?.map(({ slot, hashrateThs, chips }) => [slot, hashrateThs, chips])).toEqual([
      [1, 0.0015782, 108],
      [2, 0.0015943, 107],
    ]);
    expect(JSON.stringify(reading)).not.toContain("TempC");
  });

  it("is read by its web interface", () => {
    expect(read(ccminerWeb, WEB)).toMatchObject({
      status: "mining",
      algo: "Scrypt",
      make: "VolcMiner",
      model: "VolcMiner D1",
      firmware: "2025-10-08 04-26-50 CST",
      dialect: "ccminer-web",
      mac: "02:00:00:00:00:07",
      hashrateThs: 0.018501,
      hashrateAvgThs: 0.0184,
      chipTempC: 57,
      fansRpm: [1200, 1300],
      boards: [{ slot: 1, chips: 120, chipTempC: 57, frequencyMHz: 2000 }],
      uptimeS: 42,
      pools: [{ url: "stratum+tcp://p:3333", status: "Alive", accepted: 12 }],
    });
  });

  it("stands while it answers and hashes nothing", () => {
    const summary = { STATUS, SUMMARY: [{ Elapsed: 5000, "MHS 5s": "0.0000", "MHS av": "0.0000" }] };
    expect(read(ccminer, { ...ANSWERS, summary }).status).toBe("idle");
  });

  it("makes nothing up for an answer that was cut or garbled", () => {
    expect(() => read(ccminer, ANSWERS, ["summary"])).toThrow(AgentError);
    expect(read(ccminer, ANSWERS, ["stats"])).toMatchObject({ hashrateThs: 0.0031725, boards: undefined });
    expect(() => read(ccminerWeb, {})).toThrow(/holds no reading/);
    for (const [dialect, answers] of [
      [ccminer, ANSWERS],
      [ccminerWeb, WEB],
    ] as const)
      for (const [name, whole] of Object.entries(answers))
        expect(complaints(whole, (junk) => read(dialect, { ...answers, [name]: junk }))).toEqual([]);
  });

  it("is claimed by its name and Bitmain's keys, or by the realm of its login", () => {
    const seen = (by: Record<string, Reply>, realm?: string): Seen => ({
      by,
      asked: new Set(Object.keys(by)),
      text: "x",
      ...(realm && {
        page: { port: 80, status: 401, realm, server: undefined, location: undefined, text: "" },
      }),
    });
    const version = json(ANSWERS.version!);
    expect(ccminer.claims(seen({ version })).kind).toBe("ask");
    expect(ccminer.claims(seen({ version, stats: json({ STATUS, STATS }) })).kind).toBe("mine");
    expect(ccminer.claims(seen({ version, stats: json({ STATUS, STATS: [] }) })).kind).toBe("not");
    expect(ccminerWeb.claims(seen({}, "blackminer configuration")).kind).toBe("mine");
    expect(ccminerWeb.claims(seen({}, "antminer configuration")).kind).toBe("not");
  });
});
