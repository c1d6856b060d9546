import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseReply, type Reply } from "../replies/reply.js";
import { auradine } from "./auradine.js";
import type { Facts, Seen } from "./dialect.js";

const json = (value: object): Reply => parseReply(JSON.stringify({ ...value, id: 1 }), true);
const STATUS = [{ STATUS: "S", Code: 11, Description: "GCMiner-2023-05.24-0badcafe" }];
const dev = (ID: number) => ({ DEV: ID, ID, "MHS 5s": 50_000_000, Temperature: 40 });
const temps = (ID: number) => ({
  ID,
  BoardTemp: [21.5, 41.5].map((Temperature, i) => ({ ID: i, Temperature })),
  ChipTemp: ID === 0 ? null : [45.5, 51].map((Temperature, i) => ({ ID: i, Temperature })),
});
const ANSWERS: Record<string, object> = {
  summary: {
    STATUS,
    SUMMARY: [{ Elapsed: 56_696, "MHS 5s": 150_000_000, "MHS av": 148_000_000, Accepted: 3310, Rejected: 1 }],
  },
  devs: { STATUS, DEVS: [dev(2), dev(1), dev(3)] },
  pools: {
    STATUS,
    POOLS: [{ URL: "stratum+tcp://p:3333", User: "a.b", Status: "Alive", "Stratum Active": true }],
  },
  asccount: { STATUS, ASCCount: [{ AsicCount: 396, BoardCount: 3 }] },
  version: { STATUS, VERSION: [{ API: "1.0", GCMiner: "0.5" }] },
  "GET /psu": { STATUS, PSU: [{ PowerIn: "2650.50W", PowerOut: "2500.00W" }] },
  "GET /temperature": { STATUS, Temperature: [temps(0), temps(1), temps(2), temps(3)] },
  "GET /fan": { STATUS, Fan: [7080, 0].map((Speed, i) => ({ ID: i + 1, Speed, Max: 7700 })) },
  "GET /mode": { STATUS, Mode: [{ Mode: "custom", Power: 2700, Sleep: "off", Ths: 160 }] },
  "GET /ipreport": {
    STATUS,
    IPReport: [
      {
        HBSerialNo: ["EXAMPLE1", "EXAMPLE2", "EXAMPLE3"],
        SerialNo: "EXAMPLE",
        hostname: "row-3",
        mac: "1c:00:00:00:00:07",
        model: "AT1500",
        version: "2023-12.27",
      },
    ],
  },
};

function read(changes: Record<string, object | undefined> = {}, damaged: string[] = []): Reading {
  const by: Record<string, Reply> = {};
  for (const [name, value] of Object.entries({ ...ANSWERS, ...changes }))
    if (value !== undefined && !damaged.includes(name)) by[name] = json(value);
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => auradine.learn(known, name, reply),
    {},
  );
  return auradine.decode({ by, damaged: new Set(damaged) }, facts);
}

describe("an Auradine", () => {
  it("is read whole out of both of its APIs", () => {
    expect(read()).toMatchObject({
      status: "mining",
      algo: "SHA256",
      make: "Auradine",
      model: "AT1500",
      firmware: "2023-12.27",
      apiVersion: "1.0",
      dialect: "auradine",
      mac: "1c:00:00:00:00:07",
      serial: "EXAMPLE",
      hostname: "row-3",
      nominalThs: 160,
      hashrateThs: 150,
      hashrateWindowS: 5,
      hashrateAvgThs: 148,
      powerW: 2650.5,
      powerSource: "psu",
      powerLimitW: 2700,
      powerMode: "custom",
      boardTempC: 41.5,
      chipTempC: 51,
      fansRpm: [7080, 0],
      boards: [1, 2, 3].map((slot) => ({
        slot,
        hashrateThs: 50,
        boardTempC: 41.5,
        chipTempC: 51,
        chips: 132,
        serial: `EXAMPLE${slot}`,
      })),
      uptimeS: 56_696,
      pools: [{ url: "stratum+tcp://p:3333", active: true }],
    });
  });

  it("is read by the cgminer API alone where the other is closed", () => {
    const closed = Object.fromEntries(
      Object.keys(ANSWERS)
        .filter((name) => name.startsWith("GET"))
        .map((name) => [name, undefined]),
    );
    expect(read(closed)).toMatchObject({
      hashrateThs: 150,
      firmware: "0.5",
      boardTempC: 40,
      powerW: undefined,
    });
  });

  it("sleeps when it was told to", () => {
    const summary = { STATUS, SUMMARY: [{ Elapsed: 5000, "MHS 5s": 0, "MHS av": 0 }] };
    expect(read({ summary }).status).toBe("idle");
    const mode = { STATUS, Mode: [{ Sleep: "on" }] };
    expect(read({ summary, "GET /mode": mode }).status).toBe("sleeping");
  });

  it("has no row for a missing board, and no chips where they do not share alike", () => {
    const reading = read({
      devs: { STATUS, DEVS: [dev(1), dev(3)] },
      asccount: { STATUS, ASCCount: [{ AsicCount: 263, BoardCount: 2 }] },
    });
    expect(reading.boards?.map(({ slot, chips }) => [slot, chips])).toEqual([
      [1, undefined],
      [3, undefined],
    ]);
  });

  it("makes nothing up for an answer that was cut or garbled", () => {
    expect(() => read({}, ["summary"])).toThrow(AgentError);
    expect(read({}, ["GET /temperature"]).boardTempC).toBeUndefined();
    for (const [name, whole] of Object.entries(ANSWERS))
      expect(complaints(whole, (junk) => read({ [name]: junk as object }))).toEqual([]);
  });

  it("is claimed by its program's name", () => {
    const seen = (by: Record<string, Reply>): Seen => ({ by, asked: new Set(Object.keys(by)), text: "x" });
    expect(auradine.claims(seen({ version: json({ VERSION: [{ GCMiner: "0.5" }] }) })).kind).toBe("mine");
    expect(auradine.claims(seen({ summary: json({ STATUS }) })).kind).toBe("mine");
    expect(auradine.claims(seen({ version: json({ VERSION: [{ CGMiner: "4.11" }] }) })).kind).toBe("not");
  });
});
