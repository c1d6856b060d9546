import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import {
  A12,
  byEstats,
  byLcd,
  byLite,
  byStats,
  chips,
  decode,
  HOME,
  home,
  json,
  mm,
  stats,
  UNKNOWN,
  VERSION,
} from "../fixtures/avalonReplies.js";
import type { Reply } from "../replies/reply.js";
import { avalons } from "./avalon.js";
import type { Seen } from "./dialect.js";

/** A module of 2017 in its tokens: four boards, no supply, no live rate. */
const A7 = {
  Ver: "7411706-0000001",
  DNA: "013c000000000001",
  Elapsed: "3600",
  MW: "2100 2100 2100 2090",
  MH: "5 1 2 6",
  HW: "14",
  Temp: "30",
  TMax: "90",
  Fan: "3900",
  FanR: "45%",
  GHSmm: "7000.00",
  WU: "97000.00",
  Freq: "620.00",
  PG: "15",
  TA: "88",
  ECHU: "0 0 0 0",
  ECMM: "0",
  PVT_T: "20-70/1-85/80 2-74/10-87/81 20-75/11-90/80 1-73/9-86/82",
};

describe("an Avalon of the 7xx to 9xx", () => {
  it("with one module has that module's hash boards", () => {
    const summary = json({ SUMMARY: [{ Elapsed: 9000, "MHS 5s": 7_010_000, "MHS av": 6_990_000 }] });
    const reading = decode({ stats: stats(["MM ID1", mm(A7)]), summary });
    expect(reading).toMatchObject({
      model: "Avalon 741",
      hashrateThs: 7.01,
      nominalThs: 7,
      fansRpm: [3900],
    });
    expect(reading.boards).toEqual(
      [85, 87, 90, 86].map((chipTempC, slot) => ({
        slot,
        chipTempC,
        chips: 22,
        hwErrors: [5, 1, 2, 6][slot],
        frequencyMHz: 620,
      })),
    );
    expect(reading.powerW).toBeUndefined();
  });

  it("with several modules has a row for each, under the module's number", () => {
    const reading = decode({
      stats: stats(
        ["MM ID1", mm(A7)],
        ["MM ID2", mm({ ...A7, Fan: "4200", TMax: "85", ECHU: "0 64 0 0" })],
        ["MM ID4", mm({ ...A7, TA: "66", TMax: "-273" })],
      ),
      summary: json({ SUMMARY: [{ "MHS 5s": 20_100_000 }] }),
    });
    expect(reading).toMatchObject({
      hashrateThs: 20.1,
      nominalThs: 21,
      chipTempC: 90,
      fansRpm: [3900, 4200, 3900],
    });
    expect(reading.boards).toEqual([
      expect.objectContaining({
        slot: 1,
        hashrateThs: 6.94353,
        nominalThs: 7,
        chipTempC: 90,
        chips: 88,
      }),
      expect.objectContaining({ slot: 2, chipTempC: 85 }),
      expect.objectContaining({ slot: 4, chips: 66 }),
    ]);
    expect(reading.boards?.[2]?.chipTempC).toBeUndefined();
    expect(reading.faults?.map(({ code }) => code)).toEqual(["MM2-ECHU1-64"]);
  });

  it("behind two converters, which both count from 1, has each module once", () => {
    const row = (id: string, ver: string) => ({
      STATS: 0,
      ID: id,
      Elapsed: 9,
      "MM ID1": mm({ ...A7, Ver: ver }),
    });
    const both = json({ STATS: [row("AV70", "7411706-a"), row("AV71", "7411706-b")] });
    const summary = json({ SUMMARY: [{ "MHS 5s": 14_000_000 }] });
    expect(decode({ stats: both, summary }).boards?.map(({ slot }) => slot)).toEqual([1, 2]);
  });
});

describe("an Avalon for the home", () => {
  it("has one board, with the chips of HBinfo and the temperatures around it", () => {
    const hb = `'HB0':{PVT_T0[${chips(158, 60)} -273] MW0[${chips(160, 500)}]}`;
    expect(decode({ stats: home(HOME, { HBinfo: hb }) })).toMatchObject({
      model: "Avalon Q",
      powerMode: "super",
      powerW: 1674,
      powerSource: "psu",
      powerLimitW: 1700,
      inletTempC: 26,
      boardTempC: 47,
      chipTempC: 78,
      fansRpm: [1800, 1810],
      uptimeS: 37819,
      boards: [{ slot: 0, hashrateThs: 87.5, boardTempC: 47, chipTempC: 78, chips: 160 }],
    });
    expect(decode({ stats: home(HOME) }).boards?.[0]?.chips).toBe(160);
    expect(decode({ stats: home(HOME) }).serial).toBeUndefined();
  });

  it("that answers litestats alone is read by that, with the module's own clock", () => {
    const lite = json({ STATS: [{ "MM ID0:Summary": `'STATS':{${mm(HOME)}}` }] });
    expect(decode({ litestats: lite }, byLite)).toMatchObject({ hashrateThs: 88, uptimeS: 37850 });
  });

  it("whose tokens no command tells is read by summary and lcd", () => {
    const version = json({
      VERSION: [
        {
          PROD: "Avalon Nano3s",
          MODEL: "Nano3s",
          API: "3.7",
          LVERSION: "25021401_56abae7",
          MAC: "e0e1a9000001",
          DNA: "020100003c000001",
        },
      ],
    });
    const lcd = json({ LCD: [{ Elapsed: 134_010, "GHS av": 6564.14, "GHS 5s": 6477.09 }] });
    const reading = decode({ version, lcd }, byLcd);
    expect(reading).toMatchObject({
      status: "mining",
      model: "Avalon Nano 3s",
      firmware: "25021401_56abae7",
      serial: "020100003c000001",
      hashrateThs: 6.47709,
      hashrateAvgThs: 6.56414,
      uptimeS: 134_010,
    });
    expect(reading.boards).toBeUndefined();
    const summary = json({ SUMMARY: [{ Elapsed: 133_923, "MHS 5s": 5_443_351.11, "MHS av": 6_564_727.78 }] });
    expect(decode({ version, summary, lcd: UNKNOWN }, byLcd)).toMatchObject({
      hashrateThs: 5.443351,
      uptimeS: 133_923,
    });
    expect(() => decode({ version, summary: UNKNOWN, lcd: UNKNOWN }, byLcd)).toThrow(AgentError);
  });
});

describe("an Avalon is claimed", () => {
  const seen = (by: Record<string, Reply | undefined>): Seen => ({
    by,
    asked: new Set(Object.keys(by)),
    text: "",
  });
  const kinds = (by: Record<string, Reply | undefined>) => avalons.map((one) => one.claims(seen(by)).kind);
  const version = json(VERSION);

  it("by exactly one way of reading it: the first command that has its modules", () => {
    const modules = stats(mm(A12));
    expect(kinds({ version, stats: modules })).toEqual(["mine", "not", "not", "not"]);
    expect(kinds({ stats: modules })).toEqual(["mine", "not", "not", "not"]);
    expect(kinds({ version, stats: UNKNOWN, estats: modules })).toEqual(["not", "mine", "not", "not"]);
    expect(kinds({ version, stats: UNKNOWN, estats: UNKNOWN, litestats: home(HOME) })).toEqual([
      "not",
      "not",
      "mine",
      "not",
    ]);
    expect(kinds({ version, stats: UNKNOWN, estats: UNKNOWN, litestats: UNKNOWN, lcd: UNKNOWN })).toEqual([
      "not",
      "not",
      "not",
      "mine",
    ]);
  });

  it("after it was asked where the modules are, unless an answer broke off", () => {
    expect(byStats.claims(seen({ version }))).toMatchObject({ kind: "ask", question: { name: "stats" } });
    expect(byEstats.claims(seen({ version, stats: UNKNOWN }))).toMatchObject({
      kind: "ask",
      question: { name: "estats" },
    });
    const driver = json({ DEVDETAILS: [{ Driver: "avalon", Name: "AVALON" }] });
    expect(byEstats.claims(seen({ devdetails: driver, stats: UNKNOWN })).kind).toBe("ask");
    expect(kinds({ version, stats: { members: {}, cut: true } })).toEqual(["not", "not", "not", "not"]);
    expect(kinds({ version, stats: undefined })).toEqual(["not", "not", "not", "not"]);
  });

  it("never for a word in another rig's answers", () => {
    const other = json({ VERSION: [{ Type: "Antminer S19", Miner: "avalon" }] });
    const flat = json({ STATS: [{ "GHS 5s": 1, fan1: 5000 }] });
    expect(kinds({ version: other, stats: flat })).toEqual(["not", "not", "not", "not"]);
  });
});
