import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { complaints } from "../fixtures/junk.js";
import type { Reading } from "../reading.js";
import { parseBody, type Reply } from "../replies/reply.js";
import { braiinsRest } from "./braiinsRest.js";
import type { Facts } from "./dialect.js";

const answer = (value: unknown): Reply => parseBody(JSON.stringify(value), false);
const ghs = (gigahash_per_second: number) => ({ gigahash_per_second });
const celsius = (degree_c: number) => ({ degree_c });
const NOW_S = 1_776_446_524;
const at = (s: number) => new Date(s * 1_000).toISOString();
const board = (id: string | number) => ({
  id,
  enabled: true,
  board_temp: celsius(55.5),
  highest_chip_temp: { id: 1, location: 1, temperature: celsius(70.5) },
  chips_count: 110,
  current_frequency: { hertz: 486_704_545 },
  current_voltage: { volt: 12.9 },
  serial_number: `EXAMPLE${id}`,
  stats: { nominal_hashrate: ghs(47_000), real_hashrate: { last_5s: ghs(48_000), last_1m: ghs(47_500) } },
});
const STATS = {
  miner_stats: {
    nominal_hashrate: ghs(142_000),
    real_hashrate: { last_5s: ghs(141_463.5), last_1m: ghs(144_009), since_restart: ghs(138_207) },
  },
  pool_stats: {
    accepted_shares: 10_464,
    rejected_shares: 18,
    stale_shares: 1,
    last_share_time: { seconds: NOW_S },
  },
  power_stats: { approximated_consumption: { watt: 3137 } },
};
const DETAILS = {
  bos_version: { current: "2025-08-06-0-0badcafe-25.07-plus" },
  bosminer_uptime_s: 69_685,
  hostname: "row-3",
  mac_address: "02:00:00:00:00:07",
  miner_identity: { brand: 1, miner_model: "Antminer S19 XP", name: "Antminer S19 XP" },
  serial_number: "EXAMPLE",
  status: 2,
  sticker_hashrate: ghs(141_000),
};
const pool = (name: string, active: boolean) => ({
  active,
  alive: active,
  stats: { accepted_shares: 10, rejected_shares: 1, stale_shares: 0 },
  url: `stratum+tcp://${name}:3333`,
  user: "a.b",
});
const ROUTES: Record<string, object> = {
  "miner/stats": STATS,
  "miner/hw/hashboards": { hashboards: [board("2"), board("1"), board(3)] },
  "miner/details": DETAILS,
  "cooling/state": {
    fans: [5904, 5874, 0, 5904].map((rpm, position) => ({ position, rpm, target_speed_ratio: 0.5 })),
    highest_temperature: { location: 1, temperature: celsius(70.5) },
  },
  pools: [{ pools: [pool("a", true)] }, { pools: [pool("b", false)] }],
  "performance/tuner-state": {
    mode_state: {
      powertargetmodestate: { current_target: { watt: 2431 }, profile: { target: { watt: 3031 } } },
    },
    overall_tuner_state: 2,
  },
  "configuration/miner": {
    temperature: { mode: { auto: { hot_temperature: celsius(90), dangerous_temperature: celsius(100) } } },
    tuner: { enabled: true, power_target: { watt: 3031 }, tuner_mode: 1 },
  },
  "miner/errors": {
    errors: [
      { error_codes: [{ code: "H2", reason: "r", hint: "h" }], message: "m", timestamp: at(NOW_S - 100_000) },
      { error_codes: [], message: 'Failed to resolve ("pool.example", 3336)', timestamp: at(NOW_S - 60) },
      { error_codes: [{ code: "V2", reason: "r", hint: "h" }], message: "m", timestamp: at(NOW_S - 90) },
      { error_codes: [{ code: "X9", reason: "new reason", hint: "new hint" }], timestamp: at(NOW_S - 30) },
      { error_codes: [], message: "no time", timestamp: null },
    ],
  },
  network: { hostname: "row-3", mac_address: "02:00:00:00:00:07" },
  version: { major: 1, minor: 1, patch: 0 },
};

function read(changes: Record<string, unknown> = {}, damaged: string[] = []): Reading {
  const by: Record<string, Reply> = {};
  for (const [path, value] of Object.entries({ ...ROUTES, ...changes }))
    if (value !== undefined && !damaged.includes(path)) by[`GET /api/v1/${path}`] = answer(value);
  const facts = Object.entries(by).reduce(
    (known: Facts, [name, reply]) => braiinsRest.learn(known, name, reply),
    {},
  );
  return braiinsRest.decode({ by, damaged: new Set(damaged.map((path) => `GET /api/v1/${path}`)) }, facts);
}

const stopped = (status: number, changes: object = {}) => ({
  "miner/stats": { ...STATS, miner_stats: { real_hashrate: { last_5s: ghs(0) } }, power_stats: {} },
  "miner/details": { ...DETAILS, status, ...changes },
  "miner/errors": { errors: [] },
});

describe("Braiins OS by REST", () => {
  it("is read whole", () => {
    expect(read()).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S19 XP",
      firmware: "2025-08-06-0-0badcafe-25.07-plus",
      apiVersion: "1.1.0",
      dialect: "braiins-rest",
      mac: "02:00:00:00:00:07",
      serial: "EXAMPLE",
      hostname: "row-3",
      nominalThs: 141,
      targetThs: 142,
      hashrateThs: 141.4635,
      hashrateWindowS: 5,
      hashrateAvgThs: 138.207,
      powerW: 3137,
      powerSource: "firmware",
      powerLimitW: 3031,
      powerMode: "power target",
      boardTempC: 55.5,
      chipTempC: 70.5,
      chipLimitC: 90,
      fansRpm: [5904, 5874, 0, 5904],
      fanDutyRatio: 0.5,
      boards: [
        {
          slot: 1,
          hashrateThs: 48,
          nominalThs: 47,
          boardTempC: 55.5,
          chipTempC: 70.5,
          chips: 110,
          frequencyMHz: 486.704545,
          voltageV: 12.9,
          serial: "EXAMPLE1",
        },
        expect.objectContaining({ slot: 2 }),
        expect.objectContaining({ slot: 3 }),
      ],
      shares: { accepted: 10_464, rejected: 18, stale: 1 },
      uptimeS: 69_685,
      pools: [
        expect.objectContaining({ url: "stratum+tcp://a:3333", active: true, accepted: 10 }),
        expect.objectContaining({ url: "stratum+tcp://b:3333", active: false, status: "Dead" }),
      ],
      faults: [
        { code: "X9", text: "new reason", fix: "new hint" },
        expect.objectContaining({ code: "Failed to resolve", cause: expect.any(String) }),
        expect.objectContaining({
          code: "V2",
          text: expect.stringContaining("voltage"),
          fix: expect.any(String),
        }),
      ],
    });
  });

  it("reads hashrates in the unit that is said", () => {
    const rate = (last_5s: object) => ({
      "miner/stats": { ...STATS, miner_stats: { real_hashrate: { last_5s } } },
    });
    expect(read(rate({ terahash_per_second: 140 })).hashrateThs).toBe(140);
    expect(read(rate({ megahash_per_second: 140_000_000 })).hashrateThs).toBe(140);
  });

  it("that aims at a hashrate has no limit of power", () => {
    const reading = read({
      "performance/tuner-state": { mode_state: { hashratetargetmodestate: { current_target: {} } } },
      "configuration/miner": { tuner: { enabled: true, power_target: { watt: 3031 }, tuner_mode: 2 } },
    });
    expect(reading).toMatchObject({ powerMode: "hashrate target", powerLimitW: undefined });
  });

  it("sleeps when it was paused, and stands for a fault when it suspended itself", () => {
    expect(read(stopped(3))).toMatchObject({ status: "sleeping", hashrateThs: 0, powerW: undefined });
    expect(read(stopped(4))).toMatchObject({ status: "fault" });
    expect(read(stopped(2))).toMatchObject({ status: "idle" });
    expect(read(stopped(1, { bosminer_uptime_s: 30 }))).toMatchObject({ status: "starting" });
  });

  it("stands for a fault when something went wrong since its program started", () => {
    expect(read({ ...stopped(2), "miner/errors": ROUTES["miner/errors"] })).toMatchObject({
      status: "fault",
    });
  });

  it("takes the errors of the last hour where it does not tell how long it has been running", () => {
    const { bosminer_uptime_s: _uptime, ...details } = DETAILS;
    const reading = read({ "miner/details": details });
    expect(reading.uptimeS).toBeUndefined();
    // As many as with its uptime: the one of a day ago is over.
    expect(reading.faults?.map(({ code }) => code)).toEqual(["X9", "Failed to resolve", "V2"]);
    const since = read({ "miner/details": { ...details, system_uptime_s: 40 } });
    expect(since).toMatchObject({ uptimeS: 40, faults: [{ code: "X9" }] });
  });

  it("has no row for a board that is missing, and does without rare answers", () => {
    const reading = read({ "miner/hw/hashboards": { hashboards: [board("1")] } });
    expect(reading.boards?.map(({ slot }) => slot)).toEqual([1]);
    const rare = [
      "pools",
      "performance/tuner-state",
      "configuration/miner",
      "miner/errors",
      "network",
      "version",
    ];
    expect(read(Object.fromEntries(rare.map((path) => [path, undefined])))).toMatchObject({
      status: "mining",
      model: "Antminer S19 XP",
    });
  });

  it("makes nothing up for an answer that was cut or garbled", () => {
    expect(() => read({}, ["miner/stats"])).toThrow(AgentError);
    expect(() => read({ "miner/stats": { miner_stats: {} } })).toThrow(/holds no reading/);
    expect(() => read(stopped(3), ["miner/details"])).toThrow(AgentError);
    const reading = read({}, ["miner/details", "miner/hw/hashboards"]);
    expect(reading).toMatchObject({ status: "mining", hashrateThs: 141.4635, powerW: 3137 });
    for (const key of [
      "model",
      "nominalThs",
      "boards",
      "fansRpm",
      "chipLimitC",
      "boardLimitC",
      "faults",
    ] as const)
      expect(reading[key]).toBeUndefined();
  });

  it("is refused or fit to be sent whatever stands in place of a value", () => {
    for (const [path, whole] of Object.entries(ROUTES))
      expect(complaints(whole, (junk) => read({ [path]: junk }))).toEqual([]);
  });

  it("logs in for a token that goes as it is", () => {
    const token = braiinsRest.login?.token;
    expect(token?.request("root", "secret")).toMatchObject({
      method: "POST",
      path: "/api/v1/auth/login",
      body: '{"username":"root","password":"secret"}',
    });
    expect(token?.header(answer({ token: "abc", timeout_s: 3600 }), {})).toEqual(["authorization", "abc"]);
    expect(token?.header(answer({ message: "no" }), {})).toBeUndefined();
  });
});
