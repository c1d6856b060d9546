import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseBody, type Reply } from "../replies/reply.js";
import { type Facts, LOOK, type Seen, type WebPage } from "./dialect.js";
import { proto } from "./proto.js";

const answer = (value: unknown): Reply => parseBody(JSON.stringify(value), false);
const valued = (value: number, unit: string) => ({ unit, value });
const SYSTEM = {
  "system-info": {
    cb_sn: "EXAMPLE",
    manufacturer: "Proto",
    model: "Rig",
    product_name: "Proto Rig",
    os: { hostname: "row-3", name: "ProtoOS", version: "1.8.0" },
  },
};
const board = (index: number) => ({
  index,
  serial_number: `EXAMPLE-${index}`,
  hashrate: valued(36.5, "TH/s"),
  temperature: { average: 48.5, inlet: 41, outlet: 55, unit: "°C" },
  voltage: valued(14.5, "V"),
});
const supply = (input: number) => ({
  power: { input, output: 1600, unit: "W" },
  temperature: { hotspot: 45 },
});
const MINING = {
  hashrate_ghs: 72_500,
  average_hashrate_ghs: 72_000,
  ideal_hashrate_ghs: 74_000,
  power_usage_watts: 1700,
  power_target_watts: 1750,
  mining_uptime_s: 5000,
  status: "Mining",
};
const ROUTES: Record<string, object> = {
  mining: { "mining-status": MINING },
  telemetry: { hashboards: [board(1), board(0)], psus: [supply(900), supply(950)] },
  cooling: {
    "cooling-status": { fans: [{ rpm: 4346 }, { rpm: 0 }], speed_percentage: 60 },
  },
  hardware: {
    "hardware-info": {
      "hashboards-info": [0, 1].map((port) => ({
        port,
        slot: port + 1,
        hb_sn: `EXAMPLE-${port}`,
        mining_asic_count: 120,
      })),
    },
  },
  pools: {
    pools: [
      { url: "stratum+tcp://a:3333", user: "a.b", status: "Dead", accepted: 3, rejected: 0 },
      { url: "stratum+tcp://b:3333", user: "a.b", status: "Active", accepted: 12, rejected: 1 },
    ],
  },
  errors: [{ error_code: "FanFault", message: "fan too slow", source: "fan", slot: 2, timestamp: 1 }],
  system: SYSTEM,
  network: { "network-info": { hostname: "row-3", mac: "02:00:00:00:00:07" } },
};

function read(changes: Record<string, unknown> = {}, damaged: string[] = []): Reading {
  const by: Record<string, Reply> = {};
  for (const [path, value] of Object.entries({ ...ROUTES, ...changes }))
    if (value !== undefined && !damaged.includes(path)) by[`GET /api/v1/${path}`] = answer(value);
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => proto.learn(known, name, reply),
    {},
  );
  return proto.decode({ by, damaged: new Set(damaged.map((path) => `GET /api/v1/${path}`)) }, facts);
}

const doing = (status: string, changes: object = {}) => ({
  mining: {
    "mining-status": { ...MINING, hashrate_ghs: 0, status, ...changes },
  },
  errors: [],
});

describe("a Proto rig", () => {
  it("is read whole", () => {
    expect(read()).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "Proto",
      model: "Proto Rig",
      firmware: "1.8.0",
      dialect: "proto",
      mac: "02:00:00:00:00:07",
      serial: "EXAMPLE",
      hostname: "row-3",
      nominalThs: 74,
      hashrateThs: 72.5,
      hashrateAvgThs: 72,
      powerW: 1850,
      powerSource: "psu",
      powerLimitW: 1750,
      boardTempC: 48.5,
      psuTempC: 45,
      fansRpm: [4346, 0],
      fanDutyRatio: 0.6,
      boards: [1, 2].map((slot) => ({
        slot,
        hashrateThs: 36.5,
        nominalThs: 37,
        boardTempC: 48.5,
        chips: 120,
        chipsExpected: 120,
        voltageV: 14.5,
        serial: `EXAMPLE-${slot - 1}`,
      })),
      uptimeS: 5000,
      pools: [
        expect.objectContaining({ url: "stratum+tcp://a:3333", active: false, status: "Dead" }),
        expect.objectContaining({ url: "stratum+tcp://b:3333", active: true, accepted: 12 }),
      ],
      faults: [{ code: "FanFault", text: "fan too slow (fan 2)" }],
    });
  });

  it("says what it is doing when it does not hash", () => {
    expect(read(doing("Stopped")).status).toBe("sleeping");
    expect(read(doing("Error")).status).toBe("fault");
    expect(read(doing("NoPools")).status).toBe("idle");
    expect(read(doing("PoweringOn")).status).toBe("starting");
  });

  it("draws the firmware's estimate where a supply does not tell", () => {
    const telemetry = { hashboards: [], psus: [supply(900), { power: null }] };
    expect(read({ telemetry })).toMatchObject({ powerW: 1700, powerSource: "firmware", boards: undefined });
  });

  it("has no row for a board that is missing", () => {
    const telemetry = { hashboards: [board(1)] };
    expect(read({ telemetry }).boards?.map(({ slot }) => slot)).toEqual([2]);
  });

  it("makes nothing up for an answer that was cut or garbled", () => {
    expect(() => read({}, ["mining"])).toThrow(AgentError);
    expect(() => read({ mining: { "mining-status": {} } })).toThrow(/holds no reading/);
    expect(read({}, ["telemetry"])).toMatchObject({
      hashrateThs: 72.5,
      powerW: undefined,
      boards: undefined,
    });
    expect(read({}, ["hardware"]).boards).toBeUndefined();
    for (const [path, whole] of Object.entries(ROUTES))
      expect(complaints(whole, (junk) => read({ [path]: junk }))).toEqual([]);
  });

  it("is claimed by what its web interface says of its maker", () => {
    const page: WebPage = {
      port: 80,
      status: 200,
      realm: undefined,
      server: undefined,
      location: undefined,
      text: "",
    };
    const seen = (by: Record<string, Reply>, look?: WebPage): Seen => ({
      by,
      asked: new Set([...Object.keys(by), ...(look ? [LOOK] : [])]),
      text: "",
      ...(look && { page: look }),
    });
    expect(proto.claims(seen({})).kind).toBe("not");
    expect(proto.claims(seen({}, page)).kind).toBe("ask");
    expect(proto.claims(seen({}, { ...page, realm: "antminer configuration" })).kind).toBe("not");
    const name = "GET /api/v1/system";
    expect(proto.claims(seen({ [name]: answer(SYSTEM) }, page)).kind).toBe("mine");
    expect(proto.claims(seen({ [name]: answer({ "system-info": {} }) }, page)).kind).toBe("not");
  });
});
