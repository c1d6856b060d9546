import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import {
  A12,
  a12,
  byStats,
  chips,
  decode,
  json,
  mm,
  POOLS,
  stats,
  UNKNOWN,
} from "../fixtures/avalonReplies.js";
import { parseReply } from "../replies/reply.js";
import type { Facts } from "./dialect.js";

describe("an Avalon", () => {
  it("is read out of its tokens, in canonical units", () => {
    const summary = json({ SUMMARY: [{ Elapsed: 9000, "MHS 5s": 1, Accepted: 900, Rejected: 2 }] });
    expect(a12({}, { pools: json(POOLS), summary })).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "Canaan",
      model: "Avalon 1246",
      firmware: "21070101_4ec6bb0",
      apiVersion: "3.7",
      dialect: "avalon",
      mac: "b4:a2:eb:00:00:01",
      serial: "0201000000000a01",
      nominalThs: 84,
      targetThs: 84,
      hashrateThs: 82.5005,
      hashrateAvgThs: 81.00025,
      powerW: 3387.1,
      powerSource: "firmware",
      powerLimitW: 3500,
      powerMode: "high",
      inletTempC: 29,
      chipTempC: 81,
      fansRpm: [5010, 5020, 5030, 0],
      fanDutyRatio: 0.63,
      uptimeS: 9000,
      shares: { accepted: 900, rejected: 2 },
      boards: [
        { slot: 0, hashrateThs: 27, chipTempC: 79, chips: 120, hwErrors: 3, frequencyMHz: 505 },
        { slot: 1, hashrateThs: 27.1, chipTempC: 81, chips: 120, hwErrors: 0, frequencyMHz: 520.5 },
        { slot: 2, hashrateThs: 26.90025, chipTempC: 78, chips: 120, hwErrors: 7, frequencyMHz: 520.5 },
      ],
      pools: [expect.objectContaining({ active: true, accepted: 5 })],
    });
  });

  it.each([
    ["131", 131],
    ["0", undefined],
    [undefined, undefined],
  ])("tells how far the pool in use is where it has measured it: %s", (PING, latencyMs) => {
    expect(a12({ PING }, { pools: json(POOLS) }).pools).toMatchObject([{ active: true, latencyMs }]);
  });

  it.each([
    ["its word on the wall", { WALLPOWER: "3731", PS: "0 1209 1187 297 3526 1188 3700" }, 3731, "psu"],
    ["the supply's input", { PS: "0 1209 1187 297 3526 1188 3700" }, 3700, "psu"],
    ["what the boards draw, over the efficiency", { PS: "0 1209 1187 297 3526 1188" }, 3791.4, "firmware"],
    ["nothing: a set voltage or a limit is no power", { PS: "0 1222 4 0 0 2245" }, undefined, undefined],
    ["nothing without a supply", { PS: undefined }, undefined, undefined],
  ])("takes its power from %s", (_, tokens, powerW, powerSource) => {
    const reading = a12(tokens);
    expect([reading.powerW, reading.powerSource]).toEqual([powerW, powerSource]);
    expect(reading.powerLimitW).toBe(3500);
  });

  it.each([
    ["7411706-3162860", "Avalon 741"],
    ["9211809-abc", "Avalon 921"],
    ["1066-19101244_fe411a8", "Avalon 1066"],
    ["1126Pro-S-64-21072803_4ec6bb0", "Avalon 1126 Pro"],
    ["15-194-24102401_25462b2", "Avalon 1566"],
    ["14-150-24010101_25462b2", "Avalon A14"],
    ["Q-25052801_14a19a2", "Avalon Q"],
    ["Nano3s-25021401_56abae7", "Avalon Nano 3s"],
    ["nano3-24071801_42c628d", "Avalon Nano 3"],
    ["Mini3-25021401_56abae7", "Avalon Mini 3"],
  ])("of version %s is an %s", (Ver, model) => expect(a12({ Ver }).model).toBe(model));

  it("is named by its product where the tokens do not, and rated by its bin where they do not rate it", () => {
    expect(a12({ Ver: undefined }).model).toBe("Avalon 1246");
    expect(a12({ GHSmm: "0.00" }).nominalThs).toBe(83);
    expect(a12({ GHSmm: undefined, Ver: undefined }).nominalThs).toBeUndefined();
  });

  it("takes no sensor that is not there for cold", () => {
    const reading = a12({
      Temp: undefined,
      ITemp: "-273",
      OTemp: "-273",
      MTmax: "-273 80 79",
      PVT_T0: chips(120, -273),
    });
    expect(reading.inletTempC).toBeUndefined();
    expect(reading.outletTempC).toBeUndefined();
    expect(reading.boards?.[0]).not.toHaveProperty("chipTempC", -273);
  });

  it("that lists a board which is not there has no row for it", () => {
    const gone = a12({
      SYSTEMSTATU: "Work: In Work, Hash Board: 2 ",
      MGHS: "27000.00 0.00 26900.25",
      MTmax: "79 -273 78",
      PVT_T1: "",
    });
    expect(gone.boards?.map(({ slot }) => slot)).toEqual([0, 2]);
    expect(a12({ MGHS: "27000 26900", MTmax: "79 78", TA: "240", PVT_T2: undefined }).boards).toHaveLength(2);
  });

  it("without a live figure is read by the shortest window of its summary", () => {
    const summary = json({ SUMMARY: [{ Elapsed: 9000, "MHS av": 8e7, "MHS 30s": 8.3e7, "MHS 1m": 8.2e7 }] });
    expect(a12({ GHSspd: undefined }, { summary })).toMatchObject({ hashrateThs: 83, hashrateWindowS: 30 });
  });

  it("sleeps while it is told to, whatever its averages of before say", () => {
    const off = {
      SYSTEMSTATU: "Work: In Idle, Hash Board: 3",
      SoftOFF: "4",
      GHSspd: "0.00",
      TMax: "0",
      MTmax: "0 0 0",
    };
    const asleep = a12(off);
    expect(asleep).toMatchObject({ status: "sleeping", hashrateThs: 0 });
    expect(asleep.hashrateAvgThs).toBeUndefined();
    expect(asleep.chipTempC).toBeUndefined();
    expect(asleep.boards?.map(({ hashrateThs, chipTempC }) => [hashrateThs, chipTempC])).toEqual([
      [0, undefined],
      [0, undefined],
      [0, undefined],
    ]);
    const silent = a12({ SYSTEMSTATU: off.SYSTEMSTATU, SoftOFF: undefined, GHSspd: undefined });
    expect(silent.status).toBe("sleeping");
    expect(silent.hashrateThs).toBeUndefined();
    expect(a12({ ...off, SoftOFF: "0" }).status).toBe("idle");
  });

  it("of which a rate is off by a thousand is flagged, not rescaled", () =>
    expect(a12({ GHSspd: "82.5" })).toMatchObject({ hashrateThs: 0.0825, unitSuspect: true }));

  it("keeps its rating while the theory moves a little", () => {
    const learnt = (GHSmm: string, facts: Facts) =>
      byStats.learn(facts, "stats", stats(mm({ ...A12, GHSmm })));
    const first = learnt("84000", {});
    expect(learnt("84900", first)).toBe(first);
    expect(learnt("70000", first).nominalThs).toBe(70);
  });

  it("of broken or empty answers yields no reading", () => {
    expect(() => decode({ stats: stats(mm(A12)) }, byStats, ["stats"])).toThrow(/breaks off/);
    expect(() => decode({ stats: stats("") })).toThrow(AgentError);
    expect(() => decode({ stats: UNKNOWN, summary: json({ SUMMARY: [{ "MHS 5s": 1 }] }) })).toThrow(
      /rejected/,
    );
    expect(() => decode({ stats: stats("Ver[1246-83-21070101_a] Temp[") })).toThrow(AgentError);
  });

  it("with garbage in its tokens loses these alone", () => {
    const odd = a12({
      MGHS: "27000 nan 26900.25",
      Fan1: "x",
      FanR: "900%",
      PS: "- - -",
      TMax: "255",
      ECHU: "a b c",
    });
    expect(odd.boards?.[1]?.hashrateThs).toBeUndefined();
    expect(odd.fansRpm).toEqual([5020, 5030, 0]);
    expect(odd.fanDutyRatio).toBe(1);
    expect(odd.powerW).toBeUndefined();
    expect(odd.chipTempC).toBe(81);
    expect(odd.faults).toBeUndefined();
  });
});

describe("the faults of an Avalon", () => {
  const codes = (tokens: Record<string, string>) => a12(tokens).faults?.map(({ code, text }) => [code, text]);

  it("are the bits of its boards, its controller, its supply and its fans, each explained", () => {
    expect(codes({ ECHU: "0 64 513", ECMM: "4", PS: "2049 1215 1312 240 3150 1314", FanErr: "2" })).toEqual([
      ["ECHU1-64", "hash board 1: too hot"],
      ["ECHU2-1", "hash board 2: does not work"],
      ["ECMM-4", "a fan is missing or stands"],
      ["PS-1", "power supply: input voltage too low"],
      ["PS-2048", "power supply: its fan fails"],
      ["FanErr-2", "the firmware reports a fan fault"],
    ]);
    for (const fault of a12({ ECHU: "64 0 0", PS: "16 1 1 1 1 1" }).faults ?? [])
      expect([fault.cause, fault.fix]).toEqual([expect.any(String), expect.any(String)]);
  });

  it("do not hold the bit that every healthy board of the 10xx and later sets, which fails a 7xx", () => {
    expect(codes({ ECHU: "512 512 512" })).toBeUndefined();
    expect(codes({ Ver: "7411706-3162860", ECHU: "513 0 0" })).toEqual([
      ["ECHU0-512", "hash board 0: the chips failed their core test"],
    ]);
  });

  it("tell a standing rig that is broken from one that idles", () => {
    const still = { SYSTEMSTATU: "Work: In Idle, Hash Board: 0", GHSspd: "0.00" };
    expect(a12({ ...still, ECMM: "1" }).status).toBe("fault");
    expect(a12(still).status).toBe("idle");
  });
});

describe("the tokens of an Avalon", () => {
  it("come through in text form too, with the commas in them", () => {
    const text = `STATUS=S,When=1,Code=70,Msg=CGMiner stats,Description=cgminer 4.11.1|STATS=0,ID=AVA100,Elapsed=9000,Calls=0,MM ID0=${mm(A12)},MM Count=1,Smart Speed=1|STATS=1,ID=POOL0,Elapsed=9000|`;
    const whole = decode({ stats: parseReply(text, true) });
    expect(whole).toEqual(decode({ stats: stats(mm(A12)) }));
    expect(whole.boards).toHaveLength(3);
    expect(() => decode({ stats: parseReply(text.slice(0, 700), false) })).toThrow(AgentError);
  });

  it("may have been taken apart by a proxy", () => {
    const apart = {
      Ver: "1246-83-21070101_a",
      GHSspd: 82500.5,
      GHSmm: 84000,
      MGHS: [41000, 41500.5],
      MTmax: [70, 71],
      Fan1: 5000,
      TA: 240,
      PS: [0, 1215, 1312, 240, 3189, 1314],
    };
    expect(decode({ stats: stats(["MM ID0", apart]) })).toMatchObject({
      hashrateThs: 82.5005,
      powerW: 3429,
      fansRpm: [5000],
      boards: [{ hashrateThs: 41, chips: 120 }, { chipTempC: 71 }],
    });
  });
});
