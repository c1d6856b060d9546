import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import type { Reading } from "../reading.js";
import { parseBody, type Reply } from "../replies/reply.js";
import type { Dialect, Facts, Seen } from "./dialect.js";
import { whatsminerV3 } from "./whatsminerV3.js";

const INFO = "get.device.info";
const SUMMARY = "get.miner.status:summary";
const EDEVS = "get.miner.status:edevs";
const POOLS = "get.miner.status:pools";

type Tree = Record<string, unknown>;
const reply = (msg: unknown): Reply => parseBody(JSON.stringify({ code: 0, when: 1, desc: "x", msg }), false);

const device = (changes: Tree = {}, miner: Tree = {}): Tree => ({
  network: { mac: "02:01:02:03:04:06", hostname: "rig-7" },
  miner: {
    type: "M60S_VK40",
    working: "true",
    "miner-sn": "EXAMPLESN7",
    pcbsn0: "EXAMPLEB0",
    pcbsn1: "EXAMPLEB1",
    pcbsn2: "EXAMPLEB2",
    ...miner,
  },
  system: { api: "3.0.2", fwversion: "20250101.16.Rel" },
  power: { mode: "1", fanspeed: 6000 },
  salt: "x",
  ...changes,
});

const summary = (changes: Tree = {}): Tree => ({
  summary: {
    elapsed: 4_000,
    "hash-realtime": 170.5,
    "hash-average": 169,
    "hash-1min": 170,
    "factory-hash": 180,
    "power-realtime": 3150,
    "power-limit": 3600,
    "environment-temperature": 28,
    "board-temperature": [50, 51, 52],
    "chip-temp-max": 83,
    "fan-speed-in": 5400,
    "fan-speed-out": 5300,
    ...changes,
  },
});

const boards = (...ids: number[]): Tree => ({
  edevs: ids.map((id) => ({
    id,
    "hash-realtime": 57 + id / 10,
    "factory-hash": 60,
    "chip-temp-max": 80 + id,
    "effective-chips": 75,
    freq: 625,
  })),
});

const pools = {
  pools: [
    { account: "a.b", url: "stratum+tcp://pool.example:3333", status: "alive", "stratum-active": true },
    {
      account: "a.b",
      url: "stratum+tcp://user:secret@pool2.example:3333",
      status: "dead",
      "stratum-active": false,
    },
  ],
};

function decode(parts: { info?: unknown; summary?: unknown; edevs?: unknown; known?: Facts }): Reading {
  const by: Record<string, Reply> = {};
  if (parts.info !== null) by[INFO] = reply(parts.info ?? device());
  if (parts.summary !== null) by[SUMMARY] = reply(parts.summary ?? summary());
  by[EDEVS] = reply(parts.edevs ?? boards(0, 1, 2));
  by[POOLS] = reply(pools);
  let facts: Facts = parts.known ?? {};
  for (const name in by) facts = whatsminerV3.learn(facts, name, by[name]!);
  return whatsminerV3.decode({ by, damaged: new Set() }, facts);
}

describe("a Whatsminer on API 3", () => {
  it("is read in TH/s, with the power that its supply measures", () => {
    expect(decode({})).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "MicroBT",
      model: "Whatsminer M60S",
      firmware: "20250101.16.Rel",
      apiVersion: "3.0.2",
      dialect: "btminer-v3",
      mac: "02:01:02:03:04:06",
      serial: "EXAMPLESN7",
      hostname: "rig-7",
      nominalThs: 180,
      hashrateThs: 170.5,
      hashrateAvgThs: 169,
      powerW: 3150,
      powerSource: "psu",
      powerLimitW: 3600,
      powerMode: "Normal",
      inletTempC: 28,
      boardTempC: 52,
      chipTempC: 83,
      fansRpm: [5400, 5300],
      uptimeS: 4_000,
      boards: [0, 1, 2].map((slot) => ({
        slot,
        hashrateThs: 57 + slot / 10,
        nominalThs: 60,
        boardTempC: 50 + slot,
        chipTempC: 80 + slot,
        chips: 75,
        frequencyMHz: 625,
        serial: `EXAMPLEB${slot}`,
      })),
      pools: [
        { url: "stratum+tcp://pool.example:3333", user: "a.b", status: "alive", active: true },
        { url: "stratum+tcp://pool2.example:3333", user: "a.b", status: "dead", active: false },
      ],
    });
  });

  it("in water or oil tells its coolant and has no fans, whatever it is called", () => {
    // An M63S++ of API 3.0.5 calls itself M7BS.
    const info = device(
      { power: { mode: "1", "liquid-temperature": 44.1, fanspeed: 6000 } },
      { type: "M7BS_VM30" },
    );
    const still = summary({ "environment-temperature": 41.3, "fan-speed-in": 0, "fan-speed-out": 0 });
    const told = decode({ info, summary: still });
    expect(told).toMatchObject({ model: "Whatsminer M7BS", coolantTempC: 44.1, inletTempC: 41.3 });
    const known = whatsminerV3.learn({}, INFO, reply(info));
    const between = decode({ info: null, summary: still, known });
    for (const reading of [told, between]) expect(reading.fansRpm).toBeUndefined();
    // A temperature of a minute ago is none of now, so that it is asked for with every reading.
    expect(between.coolantTempC).toBeUndefined();
    const infoEveryMs = ({ questions }: Dialect) => questions.find(({ name }) => name === INFO)?.everyMs;
    expect(infoEveryMs(whatsminerV3)).toBe(60_000);
    expect(infoEveryMs(whatsminerV3.becomes!(known)!)).toBe(0);
    expect(whatsminerV3.becomes!(whatsminerV3.learn({}, INFO, reply(device())))).toBeUndefined();
    // In air the same zeros are fans that stand.
    expect(decode({ summary: still }).fansRpm).toEqual([0, 0]);
  });

  it("without one of its boards keeps the others in their slots, with their own temperature and serial", () => {
    const gone = decode({ edevs: boards(0, 2) });
    expect(gone.boards).toEqual([
      expect.objectContaining({ slot: 0, boardTempC: 50, serial: "EXAMPLEB0" }),
      expect.objectContaining({ slot: 2, boardTempC: 52, serial: "EXAMPLEB2" }),
    ]);
    const two = decode({ edevs: boards(0, 2), summary: summary({ "board-temperature": [50, 52] }) });
    expect(two.boards?.map(({ boardTempC }) => boardTempC)).toEqual([50, 52]);
  });

  it("says what is wrong, with the firmware's reason, and that it is over once the list is gone", () => {
    const faulty = device({ "error-code": [{ "264": "2026-01-01 09:19:10", reason: "Power xfer error" }] });
    const reading = decode({ info: faulty, summary: summary({ "hash-realtime": 0 }) });
    expect(reading.status).toBe("fault");
    expect(reading.faults).toEqual([
      expect.objectContaining({
        code: "264",
        text: "power supply: no communication (Power xfer error)",
        fix: expect.any(String),
      }),
    ]);
    const known = whatsminerV3.learn({}, INFO, reply(faulty));
    expect(known.faults).toHaveLength(1);
    expect(decode({ known }).faults).toBeUndefined();
  });

  it("that was told to stop sleeps, with a summary or without", () => {
    const info = device({}, { working: "false" });
    expect(decode({ info, summary: summary({ "hash-realtime": 0, "hash-average": 0 }) }).status).toBe(
      "sleeping",
    );
    const bare = decode({ info, summary: { summary: {} } });
    expect(bare).toMatchObject({ status: "sleeping", model: "Whatsminer M60S", mac: "02:01:02:03:04:06" });
    expect(bare.hashrateThs).toBeUndefined();
  });

  it("has no reading without rates while it works, nor once a sleeping one is silent", () => {
    expect(() => decode({ summary: { summary: {} } })).toThrow(AgentError);
    expect(() => decode({ info: null, summary: { summary: {} }, known: { asleep: true } })).toThrow(
      AgentError,
    );
  });

  it("of a broken answer yields no reading, of garbage in a field the rest", () => {
    const by = { [SUMMARY]: reply(summary()) };
    expect(() => whatsminerV3.decode({ by, damaged: new Set([EDEVS]) }, {})).toThrow(/breaks off/);
    const odd = decode({
      summary: summary({ "power-realtime": "n/a", "board-temperature": "x", "chip-temp-max": 255 }),
      edevs: { edevs: [7, null, { id: "?" }, { id: 1, "hash-realtime": 57 }] },
    });
    expect(odd.powerW).toBeUndefined();
    expect(odd.powerSource).toBeUndefined();
    expect(odd.chipTempC).toBeUndefined();
    expect(odd.boards).toEqual([{ slot: 1, hashrateThs: 57, serial: "EXAMPLEB1" }]);
  });

  it("in another unit is flagged", () =>
    expect(decode({ summary: summary({ "hash-realtime": 170_500 }) })).toMatchObject({ unitSuspect: true }));

  it("is claimed by what it says on port 4433, never by anything else", () => {
    const seen = (info: unknown): Seen => ({ by: { [INFO]: reply(info) }, asked: new Set([INFO]), text: "" });
    expect(whatsminerV3.claims(seen(device())).kind).toBe("mine");
    expect(whatsminerV3.claims(seen({ miner: {}, system: {} })).kind).toBe("not");
    expect(whatsminerV3.claims(seen("invalid cmd")).kind).toBe("not");
    expect(whatsminerV3.claims({ by: {}, asked: new Set(), text: "whatsminer" }).kind).toBe("not");
  });
});
