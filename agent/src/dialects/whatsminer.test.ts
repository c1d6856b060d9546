import { describe, expect, it } from "vitest";
import { fixture } from "../fixtures/scriptedLink.js";
import type { Reading } from "../reading.js";
import { parseReply, type Reply } from "../replies/reply.js";
import type { Facts, Seen } from "./dialect.js";
import { whatsminer } from "./whatsminer.js";
import { readFaultList, readSummaryFaults, whatsminerFaultText } from "./whatsminerFaults.js";

const M50 = fixture("whatsminer-m50s.json");
type Row = Record<string, unknown>;
const parse = (text: string) => parseReply(text, true);

/** Decodes the fixture with changes to its summary, to each board, and to other replies. */
function decode(summary: Row | null = {}, board: Row = {}, others: Record<string, unknown> = {}): Reading {
  const by: Record<string, Reply> = {};
  for (const command in M50) by[command] = parse(M50[command]!);
  for (const command in others)
    by[command] = parse(JSON.stringify({ STATUS: "S", Code: 131, Msg: others[command] }));
  const rows = by.summary!.members.SUMMARY as Row[];
  if (summary === null) rows.splice(0);
  else Object.assign(rows[0]!, summary);
  for (const row of by.devs!.members.DEVS as Row[]) Object.assign(row, board);
  let facts: Facts = {};
  for (const command in by) facts = whatsminer.learn(facts, command, by[command]!);
  return whatsminer.decode({ by, damaged: new Set() }, facts);
}

describe("a Whatsminer", () => {
  it("is read in canonical units, with the power that its power supply measures", () => {
    expect(decode()).toEqual({
      status: "mining",
      algo: "SHA256",
      make: "MicroBT",
      model: "Whatsminer M50S",
      firmware: "20230803.11.REL",
      apiVersion: "2.0.5",
      dialect: "btminer-v2",
      mac: "02:01:02:03:04:05",
      serial: "EXAMPLESN1",
      hostname: "WhatsMiner",
      nominalThs: 126,
      hashrateThs: 124.5,
      hashrateAvgThs: 125,
      targetThs: 126,
      powerW: 3200,
      powerSource: "psu",
      powerLimitW: 3300,
      powerMode: "Normal",
      inletTempC: 28.5,
      psuTempC: 38.5,
      boardTempC: 67,
      chipTempC: 81,
      fansRpm: [5400, 5280],
      uptimeS: 25000,
      shares: { accepted: 5412, rejected: 4 },
      boards: [0, 1, 2].map((slot) => ({
        slot,
        hashrateThs: 41.48 + slot / 10,
        boardTempC: 65 + slot,
        chipTempC: 79 + slot,
        chips: 135,
        hwErrors: 12 + slot,
        frequencyMHz: 600,
        serial: `EXAMPLE0000000${slot + 1}`,
      })),
      pools: [
        expect.objectContaining({ active: true, accepted: 4100 }),
        expect.objectContaining({ active: false }),
        expect.objectContaining({ active: false }),
      ],
    });
  });

  it.each([
    ["HS RT in MH/s", {}, 124.5, undefined],
    ["HS RT in TH/s, as some builds send it", { "HS RT": 124.5 }, 124.5, undefined],
    ["the shortest average without HS RT", { "HS RT": undefined }, 124.1000005, 5],
    ["the minute without that", { "HS RT": undefined, "MHS 5s": undefined }, 124.7, 60],
  ])("takes its hashrate from %s", (_, change, ths, windowS) => {
    expect(decode(change)).toMatchObject({
      hashrateThs: Math.round(ths * 1e6) / 1e6,
      hashrateWindowS: windowS,
    });
  });

  it("takes the hottest board where the summary has no temperature", () =>
    expect(decode({ Temperature: undefined, "Chip Temp Max": 0 })).toMatchObject({
      boardTempC: 67,
      chipTempC: 81,
    }));

  it("leaves out a chip temperature below its own board's", () =>
    expect(decode({}, { "Chip Temp Max": 20 }).boards?.[0]?.chipTempC).toBeUndefined());

  it("has one board in a slot, also where the rig tells it twice", () =>
    expect(decode({}, { Slot: 1 }).boards?.map(({ slot }) => slot)).toEqual([1]));

  it("has no fans when it is cooled by liquid", () =>
    expect(
      decode({ "Liquid Cooling": true, "Fan Speed In": 0, "Fan Speed Out": 0 }).fansRpm,
    ).toBeUndefined());

  it("shows a fan that stands", () => expect(decode({ "Fan Speed In": 0 }).fansRpm).toEqual([0, 5280]));

  it.each([
    ["mining", {}, {}],
    ["sleeping", { "HS RT": 0 }, { status: { mineroff: "true" } }],
    ["sleeping", { "HS RT": 0 }, { status: { btmineroff: "true" } }],
    ["mining", {}, { status: { mineroff: "true" } }],
    ["fault", { "HS RT": 0, "Error Code Count": 1, "Error Code 0": 531 }, {}],
    ["starting", { "HS RT": 0, Elapsed: 30 }, {}],
    ["idle", { "HS RT": 0 }, {}],
  ])("is %s with %j and %j", (status, summary, others) =>
    expect(decode(summary, {}, others).status).toBe(status),
  );

  it("sleeps when it has no summary and says that it was told to stop", () =>
    expect(decode(null, {}, { status: { mineroff: "true" } })).toMatchObject({
      status: "sleeping",
      mac: "02:01:02:03:04:05",
    }));

  it("fails when it has no summary and does not sleep", () =>
    expect(() => decode(null)).toThrow(/no reading/));

  it("prefers the faults of the summary, which are of now", () => {
    const old = { get_error_code: { error_code: [{ "110": "2026-01-01 00:00:00" }] } };
    expect(decode({}, {}, old).faults).toBeUndefined();
    expect(decode({ "Error Code Count": undefined }, {}, old).faults).toEqual([
      { code: "110", text: "intake fan: speed is wrong" },
    ]);
  });

  it.each([
    ["M50SVH50", "Whatsminer M50S"],
    ["M30S++VE30", "Whatsminer M30S++"],
    ["M20SV10", "Whatsminer M20S"],
    ["M50VH30", "Whatsminer M50"],
    ["M63S+_VK30", "Whatsminer M63S+"],
    ["WhatsMiner M60S VK40", "Whatsminer M60S"],
  ])("is the model that %s names", (text, model) => {
    const reply = parse(JSON.stringify({ DEVDETAILS: [{ Model: text }] }));
    expect(whatsminer.learn({}, "devdetails", reply).model).toBe(model);
  });

  it("keeps what it knew when a rare answer tells nothing", () => {
    const facts: Facts = { mac: "02:01:02:03:04:05", firmware: "x" };
    for (const { name } of whatsminer.questions)
      expect(whatsminer.learn(facts, name, parse('{"STATUS":"E","Code":14,"Msg":"no"}'))).toBe(facts);
  });
});

describe("Whatsminer faults", () => {
  it.each([
    [
      [{ "218": "2026-01-01 10:30:00" }, { "110": "2026-01-01 09:15:00" }],
      ["218", "110"],
    ],
    [["530"], ["530"]],
    [["329", "2026-01-01 11:28:11"], ["329"]],
    [[530, 530], ["530"]],
    [{ "0": "530", "1": "111" }, ["530", "111"]],
    [{ "530": "2026-01-01 10:00:00" }, ["530"]],
    [[{ "264": "2026-01-01 09:19:10", reason: "x" }], ["264"]],
    [[], []],
  ])("are read from %j", (list, codes) =>
    expect(readFaultList(list)?.map((fault) => fault.code)).toEqual(codes),
  );

  it("are unknown, not none, where the field is missing", () => {
    expect(readFaultList(undefined)).toBeUndefined();
    expect(readSummaryFaults({})).toBeUndefined();
    expect(readSummaryFaults({ "Error Code Count": 0 })).toEqual([]);
  });

  it("are bounded however many a reply claims", () =>
    expect(readSummaryFaults({ "Error Code Count": 1e12, "Error Code 0": 110 })).toHaveLength(1));

  it.each([
    [531, "slot 1: hash board not found"],
    [2023, "pool 3: connection failed"],
    [299, "power supply"],
    [560_042, undefined],
    [8410, "firmware or security"],
  ])("have words: %d", (code, text) => expect(whatsminerFaultText(code)).toBe(text));
});

describe("a Whatsminer is claimed", () => {
  const seen = (texts: Record<string, string>): Seen => ({
    by: Object.fromEntries(Object.entries(texts).map(([command, text]) => [command, parse(text)])),
    asked: new Set(Object.keys(texts)),
    text: Object.values(texts).join("\n").toLowerCase(),
  });

  it.each(["summary", "status", "get_version", "devdetails"])("by its %s alone", (command) =>
    expect(whatsminer.claims(seen({ [command]: M50[command]! })).kind).toBe("mine"),
  );

  it("not when it is an Antminer", () =>
    expect(whatsminer.claims(seen(fixture("antminer-s19pro.json"))).kind).toBe("not"));

  it("is named when it is from before btminer", () => {
    const summary = '{"SUMMARY":[{"MHS av":35523530,"Temperature":60,"freq_avg":500,"Fan Speed In":4000}]}';
    expect(whatsminer.claims(seen({ summary }))).toMatchObject({ kind: "unsupported" });
  });
});
