import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseBody, type Reply } from "../replies/reply.js";
import type { Facts, Seen } from "./dialect.js";
import { epic } from "./epic.js";

const answer = (value: unknown): Reply => parseBody(JSON.stringify(value), false);
const SUMMARY = {
  Software: "PowerPlay-BMS v1.5.13",
  Hostname: "row-3",
  Status: { "Operating State": "Mining", "Last Error": null },
  Mining: { Algorithm: "SHA-256", Coin: "BTC" },
  Misc: { "Critical Temp": 100, "Shutdown Temp": 85 },
  HBs: [
    {
      Index: 2,
      Hashrate: [49_900_000, 104.1, 0.8],
      Temperature: 64.3,
      "Core Clock Avg": 487.5,
      "Input Voltage": 12.6,
    },
    {
      Index: 1,
      Hashrate: [49_400_000, 103.1, 0.8],
      Temperature: 67,
      "Core Clock Avg": 487.5,
      "Input Voltage": 12.6,
    },
  ],
  HBStatus: [
    { Index: 0, Detected: true, Enabled: false },
    { Index: 1, Detected: true, Enabled: true },
    { Index: 2, Detected: true, Enabled: true },
    { Index: 3, Detected: false, Enabled: false },
  ],
  "Power Supply Stats": { "Input Power": 2166.6, "Output Voltage": 12.6 },
  PerpetualTune: { Algorithm: { VoltageOptimizer: { Target: 143, Unit: "TH/s" } }, Running: true },
  Fans: { "Fans Speed": 80 },
  "Fans Rpm": { "Fans Speed 1": 5971, "Fans Speed 10": null, "Fans Speed 2": 0, "Fans Speed 3": 5942 },
  Session: { Uptime: 23_170, "Average MHs": 90_000_000, Accepted: 1862, Rejected: 2 },
  Stratum: {
    "Current Pool": "pool.example:3334",
    "Current User": "a.b-1",
    IsPoolConnected: true,
    "Average Latency": 0.0382,
  },
  StratumConfigs: [
    { pool: "stratum+tcp://pool.example:3334", login: "a.b", password: "secret" },
    { pool: "stratum+tcp://other.example:3334", login: "a.b", password: "secret" },
  ],
};
const ROUTES: Record<string, object> = {
  "/summary": SUMMARY,
  "/hashrate": [
    {
      Index: 1,
      Data: [
        [417_309, 95.8, 3.9],
        [0, 0, 0],
        [432_705, 99.3, 4],
      ],
    },
  ],
  "/capabilities": {
    Model: "AntMiner S19 XP",
    "Default Hashrate": 143,
    "Control Board Version": { cpuSerial: "EXAMPLE" },
    "Performance Estimator": { "Chip Count": 110 },
  },
  "/network": { dhcp: { mac_address: "02:00:00:00:00:07" } },
};

function read(changes: Record<string, unknown> = {}, damaged: string[] = []): Reading {
  const by: Record<string, Reply> = {};
  for (const [path, value] of Object.entries({ ...ROUTES, ...changes }))
    if (value !== undefined && !damaged.includes(path)) by[`GET ${path}`] = answer(value);
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => epic.learn(known, name, reply),
    {},
  );
  return epic.decode({ by, damaged: new Set(damaged.map((path) => `GET ${path}`)) }, facts);
}

describe("ePIC's firmware", () => {
  it("is read whole, with the board that was switched off", () => {
    expect(read()).toMatchObject({
      status: "mining",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S19 XP",
      firmware: "PowerPlay-BMS v1.5.13",
      dialect: "epic",
      mac: "02:00:00:00:00:07",
      serial: "EXAMPLE",
      hostname: "row-3",
      nominalThs: 143,
      targetThs: 143,
      hashrateThs: 99.3,
      hashrateAvgThs: 90,
      powerW: 2166.6,
      powerSource: "psu",
      boardTempC: 67,
      boardLimitC: 85,
      fansRpm: [5971, 0, 5942],
      fanDutyRatio: 0.8,
      boards: [
        { slot: 0, hashrateThs: 0, chips: undefined, chipsExpected: 110 },
        { slot: 1, hashrateThs: 49.4, chips: 2, boardTempC: 67, frequencyMHz: 487.5, voltageV: 12.6 },
        { slot: 2, hashrateThs: 49.9 },
      ],
      shares: { accepted: 1862, rejected: 2 },
      uptimeS: 23_170,
      pools: [
        { url: "pool.example:3334", user: "a.b-1", active: true, accepted: 1862, latencyMs: 38 },
        { url: "stratum+tcp://other.example:3334", active: false },
      ],
    });
    expect(JSON.stringify(read())).not.toContain("secret");
  });

  it("sleeps when it idles, waits when it has no pool, and stands for a fault when it says so", () => {
    const still = (changes: object) => ({
      "/summary": { ...SUMMARY, HBs: [], Status: { "Operating State": "Idling" }, ...changes },
    });
    expect(read(still({}))).toMatchObject({ status: "sleeping", hashrateThs: 0 });
    expect(read(still({ Stratum: { IsPoolConnected: false } })).status).toBe("idle");
    const error = { "Operating State": "Idling", "Last Error": "board 1 too hot" };
    expect(read(still({ Status: error }))).toMatchObject({
      status: "fault",
      faults: [{ text: "board 1 too hot" }],
    });
  });

  it("makes nothing up for an answer that was cut or garbled", () => {
    expect(() => read({}, ["/summary"])).toThrow(AgentError);
    expect(() => read({ "/summary": { HBs: [] } })).toThrow(/holds no reading/);
    for (const [path, whole] of Object.entries(ROUTES))
      expect(complaints(whole, (junk) => read({ [path]: junk }))).toEqual([]);
  });

  it("is claimed where HTTP is spoken on the port of the cgminer API", () => {
    const seen = (by: Record<string, Reply>, httpOnApi: boolean): Seen => ({
      by,
      asked: new Set(Object.keys(by)),
      text: "",
      httpOnApi,
    });
    expect(epic.claims(seen({}, false)).kind).toBe("not");
    expect(epic.claims(seen({}, true))).toMatchObject({ kind: "ask", question: { port: "api" } });
    expect(epic.claims(seen({ "GET /summary": answer(SUMMARY) }, true)).kind).toBe("mine");
    expect(epic.claims(seen({ "GET /summary": answer({}) }, true)).kind).toBe("not");
  });
});
