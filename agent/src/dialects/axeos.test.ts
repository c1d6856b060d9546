import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import type { Reading } from "../reading.js";
import { parseBody } from "../replies/reply.js";
import { axeos } from "./axeos.js";
import { LOOK, type Seen } from "./dialect.js";

const NAME = "GET /api/system/info";
const GAMMA = {
  power: 17.4,
  voltage: 5100,
  temp: 58.6,
  vrTemp: 66,
  hashRate: 1184.2,
  hashRate_1h: 1170.5,
  expectedHashrate: 1224,
  coreVoltageActual: 1148,
  frequency: 600,
  ASICModel: "BM1370",
  asicCount: 1,
  macAddr: "A0:B7:65:00:00:01",
  hostname: "bitaxe-1",
  version: "v2.9.0",
  axeOSVersion: "v2.9.1",
  sharesAccepted: 120,
  sharesRejected: 2,
  uptimeSeconds: 4242,
  fanspeed: 45,
  fanrpm: 4100,
  overheat_mode: 0,
  isUsingFallbackStratum: 0,
  stratumURL: "pool.example",
  stratumPort: 3333,
  stratumUser: "account.axe",
  fallbackStratumURL: "other.example",
  fallbackStratumPort: 4444,
  fallbackStratumUser: "account.axe",
};

function decode(changes: object = {}): Reading {
  const reply = parseBody(JSON.stringify({ ...GAMMA, ...changes }), false);
  return axeos.decode({ by: { [NAME]: reply }, damaged: new Set() }, axeos.learn({}, NAME, reply));
}

describe("a Bitaxe", () => {
  it("is named as it says where the chip is a word that every object has", () => {
    for (const ASICModel of ["__proto__", "constructor"])
      expect(decode({ ASICModel }).model).toBe(`AxeOS ${ASICModel}`);
  });

  it("has no voltage where it tells one that no board has", () => {
    for (const coreVoltageActual of [8_456_789, 1e300, -5, 0, "x"])
      expect(decode({ coreVoltageActual }).boards?.[0]?.voltageV, String(coreVoltageActual)).toBeUndefined();
    expect(decode({ coreVoltageActual: 1_148 }).boards?.[0]?.voltageV).toBe(1.148);
  });

  it("is read whole out of one answer", () => {
    expect(decode()).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "Bitaxe",
      model: "Bitaxe Gamma",
      firmware: "v2.9.0",
      apiVersion: "v2.9.1",
      dialect: "axeos",
      mac: "a0:b7:65:00:00:01",
      hostname: "bitaxe-1",
      nominalThs: 1.224,
      hashrateThs: 1.1842,
      hashrateAvgThs: 1.1705,
      powerW: 17.4,
      powerSource: "psu",
      boardTempC: 66,
      chipTempC: 58.6,
      psuTempC: 66,
      fansRpm: [4100],
      fanDutyRatio: 0.45,
      boards: [
        {
          slot: 0,
          hashrateThs: 1.1842,
          boardTempC: 66,
          chipTempC: 58.6,
          chips: 1,
          frequencyMHz: 600,
          voltageV: 1.148,
        },
      ],
      pools: [
        { url: "pool.example:3333", user: "account.axe", active: true, accepted: 120, rejected: 2 },
        { url: "other.example:4444", user: "account.axe", active: false },
      ],
      shares: { accepted: 120, rejected: 2 },
      uptimeS: 4242,
    });
  });

  it("of an older build is rated by its cores and clock", () => {
    expect(decode({ expectedHashrate: undefined, smallCoreCount: 2040, asicCount: 1 }).nominalThs).toBe(
      1.224,
    );
  });

  it("that is too hot is a fault with the way out, and a chip without power has no temperature", () => {
    const reading = decode({ overheat_mode: 1, hashRate: 0, temp: -1 });
    expect(reading.status).toBe("fault");
    expect(reading.faults).toEqual([
      expect.objectContaining({ code: "overheat_mode", fix: expect.any(String) }),
    ]);
    expect(reading.chipTempC).toBeUndefined();
    expect(reading.hashrateThs).toBe(0);
  });

  it.each([null, "nan", "inf"])("that tells %j for its hashrate is not said to stand still", (hashRate) => {
    for (const uptimeSeconds of [30, 4242])
      expect(() => decode({ hashRate, uptimeSeconds })).toThrow("holds no reading");
    expect(decode({ hashRate: 0 }).status).toBe("idle");
  });

  it("on its second pool says so", () => {
    expect(decode({ isUsingFallbackStratum: 1 }).pools?.map(({ active }) => active)).toEqual([false, true]);
  });

  it.each([
    [{ deviceModel: "NerdQAxe++" }, "NerdQAxe", "NerdQAxe++"],
    [{ ASICModel: "BM1366" }, "Bitaxe", "Bitaxe Ultra"],
    [{ ASICModel: "BM9999" }, "Bitaxe", "AxeOS BM9999"],
  ])("%j is a %s, model %s", (changes, make, model) => {
    expect(decode(changes)).toMatchObject({ make, model });
  });

  it("is told by its answer, which is asked for once a page is there and no cgminer API", () => {
    const seen = (more: Partial<Seen>): Seen => ({ by: {}, asked: new Set(), text: "", ...more });
    const page = {
      port: 80,
      status: 200,
      realm: undefined,
      server: undefined,
      location: undefined,
      text: "",
    };
    const reply = parseBody(JSON.stringify(GAMMA), false);
    expect(axeos.claims(seen({}))).toEqual({ kind: "not" });
    expect(axeos.claims(seen({ asked: new Set([LOOK]), page }))).toMatchObject({ kind: "ask" });
    expect(axeos.claims(seen({ asked: new Set([LOOK]), page, text: "cgminer" }))).toEqual({ kind: "not" });
    expect(axeos.claims(seen({ by: { [NAME]: reply } }))).toEqual({ kind: "mine" });
    expect(axeos.claims(seen({ by: { [NAME]: parseBody("{}", false) } }))).toEqual({ kind: "not" });
  });

  it("whose answer is something else is no reading", () => {
    const reply = parseBody('{"error":"not found"}', false);
    expect(() => axeos.decode({ by: { [NAME]: reply }, damaged: new Set() }, {})).toThrow(AgentError);
  });
});
