import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseBody, parseReply, type Reply } from "../replies/reply.js";
import { braiinsGraphql } from "./braiinsGraphql.js";
import type { Facts } from "./dialect.js";

const LAN = "GET /cgi-bin/luci/admin/network/iface_status/lan";
const answer = (value: unknown): Reply => parseBody(JSON.stringify(value), false);
const mining = (info: object) => ({ bosminer: { info } });
const solver = (name: string, temperatures: object[]) => ({
  name,
  nominalMhs: 86_000_000,
  realHashrate: { mhs5S: 84_000_000 },
  hwDetails: { chips: 55, frequencyMhz: 766.1, voltageV: 12.9 },
  temperatures,
});
const SYSTEM = {
  bos: { uptime: { durationS: 96_949 } },
  bosminer: {
    info: {
      fans: [6418, 6448, 0, 5998].map((rpm, i) => ({ name: String(i), rpm })),
      summary: { power: { approxConsumptionW: 4448, limitW: 3878 } },
      workSolver: { nominalMhs: 172_000_000, realHashrate: { mhs5S: 168_000_000 } },
    },
  },
};
const DATA: Record<string, object> = {
  system: SYSTEM,
  boards: mining({
    workSolver: {
      childSolvers: [
        solver("2", [
          { name: "MAX_BOARD", degreesC: 58.5 },
          { name: "MAX_CHIP", degreesC: 73.5 },
          { name: "INLET", degreesC: 39 },
        ]),
        solver("1", [
          { name: "Board", degreesC: 60 },
          { name: "Chip", degreesC: 75 },
        ]),
      ],
    },
  }),
  pools: mining({
    poolGroups: [
      {
        pools: [
          {
            active: true,
            status: "ALIVE",
            url: "stratum+tcp://a:3333",
            user: "a.b",
            shares: { acceptedSolutions: 31, rejectedSolutions: 2 },
          },
        ],
      },
      { pools: [{ active: false, status: "DEAD", url: "stratum+tcp://b:3333", user: "a.b", shares: null }] },
    ],
  }),
  tuning: { bosminer: { config: { autotuning: { mode: "POWER_TARGET", powerTarget: 3900 } } } },
  events: {
    events: {
      appeals: [
        { kind: "ERROR", message: "PSU detection: no answer", timestamp: 1 },
        { kind: "INFO", message: "Welcome", timestamp: 2 },
      ],
    },
  },
  identity: { bos: { hostname: "row-3", info: { version: { full: "2024-10-01-0-0badcafe-24.09-plus" } } } },
  model: mining({ modelName: "Bitmain Antminer S21+" }),
  serials: mining({
    workSolver: { childSolvers: [{ name: "1", hwDetails: { hbSerialNumber: "EXAMPLE1" } }] },
  }),
};

function read(changes: Record<string, unknown> = {}, damaged: string[] = []): Reading {
  const by: Record<string, Reply> = {
    [LAN]: answer([{ macaddr: "02:00:00:00:00:07" }]),
    version: parseReply('{"STATUS":[{"STATUS":"S"}],"VERSION":[{"API":"3.7","BOSer":"x"}],"id":1}', true),
  };
  for (const [name, data] of Object.entries({ ...DATA, ...changes }))
    if (data !== undefined && !damaged.includes(name)) by[name] = answer({ data });
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => braiinsGraphql.learn(known, name, reply),
    {},
  );
  return braiinsGraphql.decode({ by, damaged: new Set(damaged) }, facts);
}

describe("Braiins OS by GraphQL", () => {
  it("is read whole, whatever its sensors are called", () => {
    expect(read()).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S21+",
      firmware: "2024-10-01-0-0badcafe-24.09-plus",
      apiVersion: "3.7",
      dialect: "braiins-graphql",
      mac: "02:00:00:00:00:07",
      hostname: "row-3",
      nominalThs: 172,
      hashrateThs: 168,
      hashrateWindowS: 5,
      powerW: 4448,
      powerSource: "firmware",
      powerLimitW: 3878,
      powerMode: "power target",
      boardTempC: 60,
      chipTempC: 75,
      fansRpm: [6418, 6448, 0, 5998],
      boards: [
        {
          slot: 1,
          hashrateThs: 84,
          nominalThs: 86,
          boardTempC: 60,
          chipTempC: 75,
          chips: 55,
          frequencyMHz: 766.1,
          voltageV: 12.9,
          serial: "EXAMPLE1",
        },
        expect.objectContaining({ slot: 2, boardTempC: 58.5, chipTempC: 73.5 }),
      ],
      uptimeS: 96_949,
      pools: [
        expect.objectContaining({ url: "stratum+tcp://a:3333", active: true, accepted: 31, rejected: 2 }),
        expect.objectContaining({ url: "stratum+tcp://b:3333", active: false, status: "DEAD" }),
      ],
      faults: [expect.objectContaining({ code: "PSU detection", fix: expect.stringContaining("cable") })],
    });
  });

  it("tells of its coolant, and of no fans, where water cools it", () => {
    const wet = [
      { name: "MAX_CHIP", degreesC: 70 },
      { name: "WATER_INLET", degreesC: 31.5 },
      { name: "WATER_OUTLET", degreesC: 42 },
    ];
    const reading = read({
      boards: mining({ workSolver: { childSolvers: [solver("1", wet), solver("2", wet)] } }),
      system: { ...SYSTEM, bosminer: { info: { ...SYSTEM.bosminer.info, fans: [{ name: "0", rpm: 0 }] } } },
      model: mining({ modelName: "Bitmain Antminer S21e Hydro" }),
    });
    expect(reading).toMatchObject({ inletTempC: 31.5, outletTempC: 42, chipTempC: 70 });
    expect([reading.fansRpm, read().inletTempC]).toEqual([undefined, undefined]);
  });

  it("does without what a build does not know", () => {
    const refused = Object.fromEntries(
      ["boards", "pools", "tuning", "events", "model", "serials"].map((name) => [name, null]),
    );
    const reading = read(refused);
    expect(reading).toMatchObject({ status: "mining", hashrateThs: 168, powerW: 4448, powerLimitW: 3878 });
    expect(reading.boards).toBeUndefined();
    expect(reading.faults).toBeUndefined();
  });

  it("sleeps while its mining program stands, and says who it is all the same", () => {
    for (const bosminer of [null, { info: null }, { info: { ...SYSTEM.bosminer.info, workSolver: null } }]) {
      const reading = read({ system: { ...SYSTEM, bosminer }, boards: null });
      expect(reading).toMatchObject({ status: "sleeping", model: "Antminer S21+", uptimeS: 96_949 });
      expect(reading.hashrateThs).toBeUndefined();
    }
  });

  it("that has just come up is starting", () => {
    const system = { bos: { uptime: { durationS: 60 } }, bosminer: { info: null } };
    expect(read({ system, events: null })).toMatchObject({ status: "starting" });
  });

  it("has no row for a board that is missing", () => {
    const boards = mining({ workSolver: { childSolvers: [solver("3", [])] } });
    expect(read({ boards }).boards?.map(({ slot }) => slot)).toEqual([3]);
  });

  it("has two fans on an S9, of which it lists four", () => {
    expect(read({ model: mining({ modelName: "Antminer S9" }) }).fansRpm).toEqual([6418, 6448]);
  });

  it("is no reading when its main answer was cut, garbled or refused", () => {
    expect(() => read({}, ["system"])).toThrow(AgentError);
    expect(() => read({ system: null })).toThrow(/holds no reading/);
    expect(() => read({ system: { bosminer: { info: { workSolver: { realHashrate: "x" } } } } })).toThrow(
      AgentError,
    );
    expect(read({}, ["boards"])).toMatchObject({ hashrateThs: 168, boards: undefined });
  });

  it("is refused or fit to be sent whatever stands in place of a value", () => {
    for (const [name, whole] of Object.entries(DATA))
      expect(complaints(whole, (junk) => read({ [name]: junk }))).toEqual([]);
  });
});
