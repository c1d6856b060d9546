import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import type { Reading } from "../reading.js";
import { parseReply, type Reply } from "../replies/reply.js";
import type { Facts, Seen } from "./dialect.js";
import { luxos } from "./luxos.js";

const json = (value: object): Reply => parseReply(JSON.stringify({ ...value, id: 1 }), true);
const STATUS = [{ STATUS: "S", Code: 11, Description: "LUXminer 2025.4.8-5" }];

const RARE: Record<string, Reply> = {
  version: json({
    STATUS,
    VERSION: [{ API: "3.7", LUXminer: "2025.4.8-5", Miner: "2025.4.8", Type: "Antminer S19k Pro" }],
  }),
  config: json({
    STATUS,
    CONFIG: [
      {
        CurtailMode: "None",
        Hostname: "row-3",
        MACAddr: "02:00:00:00:00:07",
        Model: "Antminer S19k Pro",
        NameplateTHS: 120,
        Profile: "290MHz",
        SerialNumber: "EXAMPLE1",
      },
    ],
  }),
  profiles: json({
    STATUS,
    PROFILES: [
      { "Profile Name": "265MHz", Watts: 1080 },
      { "Profile Name": "290MHz", Watts: 1188 },
    ],
  }),
  events: json({
    STATUS,
    EVENTS: [
      { Code: "REBOOT_NOT_HASHING", Description: "Board reboot", ID: 1, Target: "BOARD" },
      { Code: "SOMETHING_NEW", Description: "Something new.", Target: "MINER" },
    ],
  }),
  tempctrl: json({ STATUS, TEMPCTRL: [{ Target: 55, Hot: 65, Dangerous: 70 }] }),
};
const board = (id: number, mhs5s: number) => ({
  ASC: id,
  ID: id,
  "MHS 5s": mhs5s,
  "Nominal MHS": 20_650_000,
  "Hardware Errors": id,
  Temperature: 47,
  SerialNumber: `EXAMPLEB${id}`,
});
const MAIN = {
  summary: {
    STATUS,
    SUMMARY: [{ Elapsed: 3453, "GHS 5s": 59_756.06, "GHS av": 56_917.91, Accepted: 9, Rejected: 1 }],
  },
  devs: { STATUS, DEVS: [board(1, 20_750_000), board(0, 19_770_000)] },
  stats: {
    STATS: [
      { Type: "Antminer S19k Pro" },
      { Elapsed: 3453, chain_acn1: 77, chain_acn2: 76, chain_acn3: 0, freq1: 300, freq2: 290, total_acn: 4 },
    ],
  },
  temps: { STATUS, TEMPS: [{ ID: 0, TopLeft: 48.5, TopRight: 34, BottomLeft: 47, BottomRight: 33 }] },
  fans: {
    STATUS,
    FANS: [
      { ID: 0, RPM: 1920 },
      { ID: 1, RPM: 0 },
    ],
  },
  power: { STATUS, POWER: [{ PSU: false, Watts: 1051 }] },
};

const facts = (changes: Record<string, Reply> = {}): Facts =>
  Object.entries({ ...RARE, ...changes }).reduce(
    (known: Facts, [name, reply]) => luxos.learn(known, name, reply),
    {},
  );

function decode(changes: Record<string, object | undefined> = {}, known = facts()): Reading {
  const by = Object.fromEntries(
    Object.entries({ ...MAIN, ...changes }).map(([name, value]) => [name, value && json(value)]),
  );
  return luxos.decode({ by, damaged: new Set() }, known);
}

describe("LuxOS", () => {
  it("is read in canonical units, its boards in order", () => {
    expect(decode()).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S19k Pro",
      firmware: "2025.4.8",
      apiVersion: "3.7",
      dialect: "luxos",
      mac: "02:00:00:00:00:07",
      serial: "EXAMPLE1",
      hostname: "row-3",
      nominalThs: 120,
      targetThs: 41.3,
      hashrateThs: 59.75606,
      hashrateWindowS: 5,
      hashrateAvgThs: 56.91791,
      powerW: 1051,
      powerSource: "firmware",
      powerLimitW: 1188,
      powerMode: "290MHz",
      boardTempC: 48.5,
      boardLimitC: 65,
      fansRpm: [1920, 0],
      boards: [
        {
          slot: 0,
          hashrateThs: 19.77,
          nominalThs: 20.65,
          boardTempC: 48.5,
          chips: 77,
          hwErrors: 0,
          frequencyMHz: 300,
          serial: "EXAMPLEB0",
        },
        {
          slot: 1,
          hashrateThs: 20.75,
          nominalThs: 20.65,
          boardTempC: 47,
          chips: 76,
          hwErrors: 1,
          frequencyMHz: 290,
          serial: "EXAMPLEB1",
        },
      ],
      shares: { accepted: 9, rejected: 1 },
      uptimeS: 3453,
      faults: [
        expect.objectContaining({ code: "REBOOT_NOT_HASHING", text: expect.stringMatching(/\(board 1\)$/) }),
        { code: "SOMETHING_NEW", text: "Something new." },
      ],
    });
  });

  it("says that power is measured where its supply does it, and nothing where nobody does", () => {
    expect(decode({ power: { STATUS, POWER: [{ PSU: true, Watts: 3200 }] } })).toMatchObject({
      powerW: 3200,
      powerSource: "psu",
    });
    const { powerW, powerSource } = decode({ power: undefined });
    expect([powerW, powerSource]).toEqual([undefined, undefined]);
  });

  it("that is curtailed to sleep is asleep, not broken", () => {
    const config = json({ STATUS, CONFIG: [{ CurtailMode: "Sleep", Model: "Antminer S19k Pro" }] });
    const summary = { STATUS, SUMMARY: [{ Elapsed: 9000, "GHS 5s": 0, "GHS av": 0 }] };
    expect(decode({ summary }, facts({ config })).status).toBe("sleeping");
    expect(decode({ summary }, facts({ events: json({ STATUS, EVENTS: [] }) })).status).toBe("idle");
  });

  it("has no reading without its summary, and none of one that was cut", () => {
    expect(() => decode({ summary: undefined })).toThrow(AgentError);
    expect(() =>
      luxos.decode({ by: { summary: json(MAIN.summary) }, damaged: new Set(["summary"]) }, {}),
    ).toThrow(/breaks off/);
  });

  it("is told by its name, and by nothing of the firmware that it replaced", () => {
    const seen = (by: Seen["by"]): Seen => ({ by, asked: new Set(), text: "" });
    expect(luxos.claims(seen({ version: RARE.version }))).toEqual({ kind: "mine" });
    expect(luxos.claims(seen({ summary: json(MAIN.summary) }))).toEqual({ kind: "mine" });
    expect(luxos.claims(seen({ stats: json(MAIN.stats) }))).toEqual({ kind: "not" });
  });
});
