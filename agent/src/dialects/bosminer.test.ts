import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import { onlyTcp, scriptedLink } from "../fixtures/scriptedLink.js";
import type { Reading } from "../reading.js";
import { readRig } from "../readRig.js";
import { parseReply, type Reply } from "../replies/reply.js";
import { newRigSession } from "../rigSession.js";
import { bosminer } from "./bosminer.js";
import type { Facts } from "./dialect.js";

const json = (value: object): Reply => parseReply(JSON.stringify({ ...value, id: 1 }), true);
const STATUS = [{ STATUS: "S", Code: 11, Description: "BOSminer bosminer-plus-am2-s17 0.9.0-0badcafe" }];
const dev = (id: number, mhs5s: number) => ({
  ASC: id - 1,
  ID: id,
  Temperature: 0,
  "MHS av": 20_500_000,
  "MHS 5s": mhs5s,
  "MHS 1m": 20_400_000,
  "Hardware Errors": 10 * id,
  "Nominal MHS": 21_000_000,
});
const detail = (id: number) => ({
  ID: id,
  Model: "Antminer S17",
  Voltage: 19.2,
  Frequency: 701_466_481,
  Chips: 48,
});
const MAIN = {
  summary: {
    STATUS,
    SUMMARY: [
      {
        Elapsed: 5000,
        "MHS av": 61_000_000,
        "MHS 5s": 62_500_000,
        "MHS 1m": 61_500_000,
        Accepted: 90,
        Rejected: 1,
      },
    ],
  },
  devs: { STATUS, DEVS: [dev(3, 20_000_000), dev(1, 21_500_000), dev(2, 0)] },
  temps: {
    STATUS,
    TEMPS: [
      { ID: 1, Board: 67.25, Chip: 97.5 },
      { ID: 2, Board: 60, Chip: 40 },
      { ID: 3, Board: 48.5, Chip: 81 },
    ],
  },
  fans: { STATUS, FANS: [6000, 0, 5520, 5520].map((RPM, ID) => ({ FAN: ID, ID, RPM, Speed: 100 })) },
  devdetails: { STATUS, DEVDETAILS: [detail(1), detail(2), detail(3)] },
  tunerstatus: {
    STATUS,
    TUNERSTATUS: [
      {
        ApproximateMinerPowerConsumption: 2210,
        PowerLimit: 2200,
        TunerChainStatus: [
          { HashchainIndex: 1, Status: "Stable" },
          { HashchainIndex: 2, Status: "Tuner error: board does not hash" },
        ],
      },
    ],
  },
  pools: {
    STATUS,
    POOLS: [{ URL: "stratum+tcp://p:3333", User: "a.b", Status: "Alive", "Stratum Active": true }],
  },
};
const TEMPCTRL = { STATUS, TEMPCTRL: [{ Mode: "Automatic", Target: 89, Hot: 100, Dangerous: 110 }] };
const VERSION = { STATUS, VERSION: [{ API: "3.7", "BOSminer+": "bosminer-plus-am2-s17 0.9.0-0badcafe" }] };
const UNAVAILABLE = {
  STATUS: [{ STATUS: "E", Code: 69, Msg: "Unavailable", Description: "BOSminer x 0.9" }],
};

const asScript = (replies: object) =>
  Object.fromEntries(
    Object.entries(replies)
      .filter(([, reply]) => reply !== undefined)
      .map(([command, reply]) => [command, JSON.stringify({ ...reply, id: 1 })]),
  );

async function read(changes: object = {}, joins = true): Promise<Reading> {
  const link = scriptedLink(asScript({ ...MAIN, tempctrl: TEMPCTRL, version: VERSION, ...changes }), {
    joins,
  });
  const session = newRigSession("192.0.2.1", 4028);
  return (await readRig(session, onlyTcp(link), fakeClock(Date.UTC(2026, 0, 1)), true)).reading;
}

function decode(changes: object = {}, facts: Facts = {}, damaged: string[] = []): Reading {
  const replies = Object.entries({ ...MAIN, ...changes }).filter(([name]) => !damaged.includes(name));
  const by = Object.fromEntries(replies.map(([name, value]) => [name, value && json(value)]));
  const known = replies.reduce(
    (all: Facts, [name, value]) => (value ? bosminer.learn(all, name, json(value)) : all),
    facts,
  );
  return bosminer.decode({ by, damaged: new Set(damaged) }, known);
}

describe("BOSminer", () => {
  it.each([true, false])("is read whole over its cgminer API, joined %s", async (joins) => {
    expect(await read({}, joins)).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S17",
      firmware: "bosminer-plus-am2-s17 0.9.0-0badcafe",
      apiVersion: "3.7",
      dialect: "bosminer",
      nominalThs: 63,
      hashrateThs: 62.5,
      hashrateWindowS: 5,
      hashrateAvgThs: 61,
      powerW: 2210,
      powerSource: "firmware",
      powerLimitW: 2200,
      boardTempC: 67.25,
      chipTempC: 97.5,
      chipLimitC: 100,
      fansRpm: [6000, 0, 5520, 5520],
      boards: [
        {
          slot: 1,
          hashrateThs: 20.5,
          nominalThs: 21,
          boardTempC: 67.25,
          chipTempC: 97.5,
          chips: 48,
          hwErrors: 10,
          frequencyMHz: 701.466481,
          voltageV: 19.2,
        },
        expect.objectContaining({ slot: 2, boardTempC: 60, chipTempC: undefined }),
        expect.objectContaining({ slot: 3, hashrateThs: 20.5, chipTempC: 81 }),
      ],
      shares: expect.objectContaining({ accepted: 90, rejected: 1 }),
      uptimeS: 5000,
      pools: [expect.objectContaining({ url: "stratum+tcp://p:3333", active: true })],
      faults: [expect.objectContaining({ code: "tuner-2" })],
    });
  });

  it("takes a board that stands for one, however well it did before", () => {
    expect(decode().boards?.map(({ hashrateThs }) => hashrateThs)).toEqual([20.5, 0, 20.5]);
  });

  it("is told by how it describes itself where `version` is not known, and read by what it answers", async () => {
    const reading = await read({ version: undefined, summary: undefined, tunerstatus: undefined });
    expect(reading).toMatchObject({
      status: "mining",
      hashrateThs: 41.5,
      hashrateAvgThs: 61.5,
      firmware: "bosminer-plus-am2-s17 0.9.0-0badcafe",
      powerLimitW: undefined,
    });
  });

  it("has no row for a board that is missing", () => {
    const two = (section: string, reply: Record<string, unknown>) => ({
      ...reply,
      [section]: (reply[section] as { ID: number }[]).filter(({ ID }) => ID !== 2),
    });
    const reading = decode({
      devs: two("DEVS", MAIN.devs),
      temps: two("TEMPS", MAIN.temps),
      devdetails: two("DEVDETAILS", MAIN.devdetails),
    });
    expect(reading.boards?.map(({ slot }) => slot)).toEqual([1, 3]);
  });

  it("with temperatures and no hashrate has only begun", () => {
    const none = { summary: undefined, devs: undefined, devdetails: undefined };
    expect(decode(none)).toMatchObject({ status: "starting", boardTempC: 67.25 });
  });

  it("sleeps while it is paused, and its 0 W are none", async () => {
    const summary = { STATUS, SUMMARY: [{ Elapsed: 5000, "MHS av": 30_000_000, "MHS 5s": 0 }] };
    const tunerstatus = { STATUS, TUNERSTATUS: [{ ApproximateMinerPowerConsumption: 0, PowerLimit: 2200 }] };
    const reading = await read({ summary, tunerstatus, devs: { STATUS, DEVS: [] }, devdetails: UNAVAILABLE });
    expect(reading).toMatchObject({ status: "sleeping", hashrateThs: 0 });
    expect(reading.powerSource).not.toBe("firmware");
    expect(decode({ summary, tunerstatus })).toMatchObject({ status: "idle", powerW: undefined });
  });

  it("has two fans on an S9, of which it lists four", () => {
    const devdetails = { STATUS, DEVDETAILS: [{ ...detail(6), Model: "Antminer S9" }] };
    const fans = { STATUS, FANS: [4080, 0, 0, 0].map((RPM, ID) => ({ ID, RPM })) };
    expect(decode({ devdetails, fans }).fansRpm).toEqual([4080, 0]);
  });

  it("goes by the board where chips have no sensor", () => {
    const temps = { STATUS, TEMPS: [{ ID: 1, Board: 60, Chip: 0 }] };
    const facts = bosminer.learn({}, "tempctrl", json(TEMPCTRL));
    expect(decode({ temps }, facts)).toMatchObject({ boardLimitC: 100 });
    expect(decode({ temps }, facts).chipLimitC).toBeUndefined();
  });

  it("makes nothing up for an answer that was cut", () => {
    expect(() => decode({}, {}, ["summary"])).toThrow(AgentError);
    expect(decode({}, {}, ["devs"])).toMatchObject({ hashrateThs: 62.5, boards: undefined });
    expect(decode({}, {}, ["tunerstatus"]).powerW).toBeUndefined();
    expect(decode({}, {}, ["devdetails"]).fansRpm).toBeUndefined();
    expect(() =>
      decode({ summary: UNAVAILABLE, devs: UNAVAILABLE, temps: UNAVAILABLE }, {}, ["devdetails"]),
    ).toThrow(/summary/);
  });

  it("refuses what holds no reading with the rig's own words", () => {
    const all = Object.fromEntries(Object.keys(MAIN).map((name) => [name, UNAVAILABLE]));
    expect(() => decode(all)).toThrow(/Unavailable/);
  });

  it("is refused or fit to be sent whatever stands in place of a value", () => {
    for (const [name, whole] of Object.entries(MAIN))
      expect(complaints(whole, (junk) => decode({ [name]: junk as object }))).toEqual([]);
  });
});
