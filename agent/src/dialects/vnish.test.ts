import { describe, expect, it } from "vitest";
import { parseBody, parseReply } from "../replies/reply.js";
import { hiveon, msk } from "./antminerForks.js";
import type { Facts, Seen } from "./dialect.js";
import { vnish } from "./vnish.js";

const json = (value: object) => parseReply(JSON.stringify(value), true);
const board = (n: number) => ({
  [`chain_acn${n}`]: 65,
  [`chain_rate${n}`]: 60_000 + n,
  [`chain_rateideal${n}`]: 65_505.7,
  [`chain_consumption${n}`]: 861,
  [`chain_vol${n}`]: 13_000,
  [`freq_avg${n}`]: 495,
  [`temp${n}`]: 50,
  [`temp_pcb${n}`]: "50-40-50-50",
  [`temp_chip${n}`]: "65-55-65-65",
});
const READINGS = {
  Elapsed: 4423,
  "GHS 5s": "180006",
  "GHS av": 174_374.75,
  fan_num: 2,
  fan1: 5850,
  fan2: 5940,
  state: "auto-tuning",
  total_rateideal: 196_517.1,
  ...board(1),
  ...board(2),
  ...board(3),
};
const stats = (readings: object, type = "Antminer S21 Pro (Vnish 1.2.7)") =>
  json({
    STATUS: [{ STATUS: "S" }],
    STATS: [{ Type: type, Miner: "0.0.0", CompileTime: "2025-12-22" }, readings],
  });
const decode = (changes: object = {}, known: Facts = {}, type?: string) => {
  const reply = stats({ ...READINGS, ...changes }, type);
  return vnish.decode({ by: { stats: reply }, damaged: new Set() }, vnish.learn(known, "stats", reply));
};

describe("VNish", () => {
  it("is read with boards, voltage and the consumption that it estimates; tuning is mining", () => {
    expect(decode()).toMatchObject({
      status: "mining",
      make: "Bitmain",
      model: "Antminer S21 Pro",
      firmware: "1.2.7",
      dialect: "vnish",
      hashrateThs: 180.006,
      nominalThs: 196.5171,
      powerW: 2583,
      powerSource: "firmware",
      fansRpm: [5850, 5940],
      chipTempC: 65,
      boards: [
        { slot: 1, nominalThs: 65.5057, chips: 65, frequencyMHz: 495, voltageV: 13, boardTempC: 50 },
        { slot: 2 },
        { slot: 3 },
      ],
    });
  });

  it("of an old build tells no consumption, so that none is read", () => {
    const old = Object.fromEntries([1, 2, 3].map((n) => [`chain_consumption${n}`, undefined]));
    const { powerSource, firmware, model } = decode(
      { ...old, "GHS 5s": 109_000, total_rateideal: 110_000 },
      {},
      "Antminer S19 Pro (vnish 0.9.2-alpha)",
    );
    expect({ powerSource, firmware, model }).toEqual({
      powerSource: undefined,
      firmware: "0.9.2-alpha",
      model: "Antminer S19 Pro",
    });
  });

  it.each([
    ["stopped", "sleeping"],
    ["failure", "fault"],
    ["initializing", "idle"],
  ])("in state %s without hashrate is %s", (state, status) => {
    expect(decode({ state, "GHS 5s": 0, "GHS av": 0 }).status).toBe(status);
  });

  it("tells MAC, preset and limits over its web interface", () => {
    const answers: [string, object][] = [
      [
        "GET /api/v1/info",
        {
          fw_version: "1.2.7",
          serial: "N/A",
          system: { network_status: { mac: "02:00:00:00:00:05", hostname: "row-1" } },
        },
      ],
      ["GET /api/v1/perf-summary", { current_preset: { name: "2800", pretty: "2800 watt" } }],
      ["GET /api/v1/settings", { miner: { misc: { restart_temp: 90 } } }],
    ];
    const facts = answers.reduce(
      (known: Facts, [name, answer]) => vnish.learn(known, name, parseBody(JSON.stringify(answer), false)),
      {},
    );
    expect(facts).toEqual({
      firmware: "1.2.7",
      mac: "02:00:00:00:00:05",
      hostname: "row-1",
      powerMode: "2800",
      powerLimitW: 2800,
      chipLimitC: 90,
    });
    expect(decode({}, facts)).toMatchObject({ powerMode: "2800", powerLimitW: 2800, chipLimitC: 90 });
  });

  it("is told by its name wherever that stands", () => {
    const seen = (text: string, asked: string[], by: Seen["by"] = {}): Seen => ({
      by,
      asked: new Set(asked),
      text,
    });
    expect(vnish.claims(seen("antminer s19", ["version"]))).toEqual({ kind: "not" });
    expect(vnish.claims(seen("s19 (vnish 1)", ["version"]))).toMatchObject({ kind: "ask" });
    expect(vnish.claims(seen("(vnish 1)", ["stats"], { stats: stats(READINGS) }))).toEqual({ kind: "mine" });
  });
});

describe("other firmwares with Bitmain's keys", () => {
  it.each([
    ["Hiveon", hiveon, { chain_power: "1320 W" }, 1320],
    ["MSK", msk, { total_power: 3010, chain_power1: 1000 }, 3010],
    ["MSK without a total", msk, { chain_power1: 1000, chain_power2: 1001, chain_power3: 0 }, 2001],
  ])("%s tells what its boards draw", (_, dialect, changes, powerW) => {
    const reply = stats({ ...READINGS, ...changes }, "Antminer S19");
    const facts = dialect.learn({}, "stats", reply);
    expect(dialect.decode({ by: { stats: reply }, damaged: new Set() }, facts)).toMatchObject({
      dialect: dialect.id,
      model: "Antminer S19",
      powerW,
      powerSource: "firmware",
    });
  });

  it("a board with chips that does not tell what it draws makes the rig's power unknown, not smaller", () => {
    const reply = stats({ ...READINGS, chain_power1: 1000, chain_power2: 1001 }, "Antminer S19");
    const facts = msk.learn({}, "stats", reply);
    expect(msk.decode({ by: { stats: reply }, damaged: new Set() }, facts).powerW).toBeUndefined();
    expect(decode({ chain_consumption2: undefined }).powerSource).not.toBe("firmware");
  });
});
