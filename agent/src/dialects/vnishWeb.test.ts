import { describe, expect, it } from "vitest";
import { complaints } from "../fixtures/junk.js";
import { readPlayed } from "../fixtures/playedRig.js";
import { parseBody } from "../replies/reply.js";
import { vnishWeb } from "./vnishWeb.js";

const chain = (id: number) => ({
  ...{ id, frequency: 495, voltage: 13_000, power_consumption: 861, hashrate_ideal: 65_505.7 },
  ...{
    hashrate_rt: 58_000 + id,
    hw_errors: 3,
    pcb_temp: { min: 39, max: 50 },
    chip_temp: { min: 54, max: 65 },
  },
  ...{ chip_statuses: { red: 0, orange: 6, grey: 59 }, status: { state: "mining" } },
});
const MINER = {
  miner_status: { miner_state: "mining", miner_state_time: 4422 },
  miner_type: "Antminer S21 Pro (Vnish 1.2.7)",
  ...{ instant_hashrate: 173.9, hr_realtime: 173_870.94, hr_nominal: 196_517.17, hr_average: 174_374.75 },
  ...{ power_consumption: 2583, power_usage: 2583 },
  pools: [
    {
      id: 0,
      url: "a:3333",
      pool_type: "UserPool",
      user: "a.b",
      status: "active",
      accepted: 9,
      diffa: 90,
      ping: 8,
    },
    { id: 1, url: "b:3333", pool_type: "UserPool", user: "a.b", status: "working", accepted: 0 },
    { id: 2, url: "DevFee", pool_type: "DevFee", user: "DevFee", status: "active", accepted: 2 },
  ],
  cooling: {
    fans: [
      { id: 0, rpm: 5880 },
      { id: 1, rpm: 5940 },
    ],
    fan_duty: 90,
  },
  chains: [chain(1), chain(2), chain(3)],
};
const INFO = {
  ...{ miner: "Antminer S21 Pro", fw_name: "Vnish", fw_version: "1.2.7", serial: "N/A" },
  system: { network_status: { mac: "02:00:00:00:00:05", hostname: "row-1" } },
};
const rig = (miner: object) => ({
  transport: "http",
  responses: {},
  http: {
    routes: {
      "GET /": '<!DOCTYPE html><html><meta name="firmware" content="AnthillOS"></html>',
      "GET /api/v1/summary": { miner },
      "GET /api/v1/info": INFO,
      "GET /api/v1/perf-summary": { current_preset: { name: "2800" } },
    },
  },
});

describe("a rig with VNish whose cgminer API is closed", () => {
  it("is read by its web interface, without the pool of its maker", async () => {
    const reading = await readPlayed(rig(MINER));
    expect(reading).toMatchObject({
      status: "mining",
      dialect: "vnish-web",
      algo: "SHA256",
      make: "Bitmain",
      model: "Antminer S21 Pro",
      firmware: "1.2.7",
      mac: "02:00:00:00:00:05",
      nominalThs: 196.51717,
      hashrateThs: 173.87094,
      hashrateAvgThs: 174.37475,
      powerW: 2583,
      powerSource: "firmware",
      powerLimitW: 2800,
      boardTempC: 50,
      chipTempC: 65,
      fansRpm: [5880, 5940],
      fanDutyRatio: 0.9,
      boards: [1, 2, 3].map((slot) => ({
        slot,
        hashrateThs: (58_000 + slot) / 1_000,
        boardTempC: 50,
        chipTempC: 65,
        chips: 65,
        voltageV: 13,
      })),
    });
    expect(reading).toHaveProperty("pools.length", 2);
    expect(reading).toMatchObject({
      pools: [
        { url: "a:3333", active: true, latencyMs: 8 },
        { url: "b:3333", active: false },
      ],
    });
  });

  const still = { hr_realtime: 0, hr_average: 0, power_consumption: 0, chains: [] };
  it.each([
    ["stopped", "sleeping"],
    ["paused", "sleeping"],
    ["shutting-down", "sleeping"],
    ["failure", "fault"],
    ["initializing", "starting"],
    ["auto-tuning", "starting"],
    ["something new", "idle"],
  ])("that says %s is %s, and no outage", async (miner_state, status) => {
    const reading = await readPlayed(rig({ ...MINER, ...still, miner_status: { miner_state } }));
    expect(reading).toMatchObject({ status });
    expect(reading).not.toMatchObject({ powerSource: "firmware" });
  });

  it("tells of its coolant where water cools it", async () => {
    const chains = [1, 2].map((id) => ({
      ...chain(id),
      inlet_water_temp: 30 + id,
      outlet_water_temp: 40 + id,
    }));
    expect(await readPlayed(rig({ ...MINER, chains }))).toMatchObject({ inletTempC: 32, outletTempC: 42 });
  });

  it("is refused or fit to be sent whatever stands in place of a value", () => {
    const decode = (junk: unknown) => {
      const reply = parseBody(JSON.stringify({ miner: junk }), false);
      const facts = vnishWeb.learn({}, "GET /api/v1/summary", reply);
      return vnishWeb.decode({ by: { "GET /api/v1/summary": reply }, damaged: new Set() }, facts);
    };
    expect(complaints(MINER, decode)).toEqual([]);
  });
});
