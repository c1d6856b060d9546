import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, it } from "vitest";
import { fixture, onlyTcp, scriptedLink } from "../fixtures/scriptedLink.js";
import type { Reading } from "../reading.js";
import { readRig } from "../readRig.js";
import { parseReply, type Reply } from "../replies/reply.js";
import { newRigSession } from "../rigSession.js";
import type { Facts, Seen } from "./dialect.js";
import { whatsminer } from "./whatsminer.js";

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
        nominalThs: 42,
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
    ["the minute's average without HS RT", { "HS RT": undefined }, 124.7, 60],
    ["the shortest without that", { "HS RT": undefined, "MHS 1m": undefined }, 124.1000005, 5],
  ])("takes its hashrate from %s", (_, change, ths, windowS) => {
    expect(decode(change)).toMatchObject({
      hashrateThs: Math.round(ths * 1e6) / 1e6,
      hashrateWindowS: windowS,
    });
  });

  it("that stops runs down in MH/s, also where as many TH/s would be what it is rated for", async () => {
    const link = scriptedLink(M50);
    const clock = fakeClock(Date.UTC(2026, 0, 1));
    const session = newRigSession("192.0.2.1", 4028);
    const read = async () => (await readRig(session, onlyTcp(link), clock)).reading;
    expect((await read()).hashrateThs).toBe(124.5);
    await clock.advance(5_000);
    link.script.summary = M50.summary!.replace(/"HS RT":[\d.]+/, '"HS RT":150.5');
    link.script.devs = M50.devs!.replace(/"HS RT":[\d.]+/g, '"HS RT":50.25');
    const { hashrateThs, boards } = await read();
    expect(hashrateThs).toBe(0.0001505);
    expect(boards?.map((board) => board.hashrateThs)).toEqual([0.00005025, 0.00005025, 0.00005025]);
  });

  it("takes the hottest board where the summary has no temperature", () =>
    expect(decode({ Temperature: undefined, "Chip Temp Max": 0 })).toMatchObject({
      boardTempC: 67,
      chipTempC: 81,
    }));

  it("leaves out a chip temperature below its own board's", () =>
    expect(decode({}, { "Chip Temp Max": 20 }).boards?.[0]?.chipTempC).toBeUndefined());

  it("that says 0 W does not measure what it draws", () =>
    expect(decode({ Power: 0 })).toMatchObject({
      status: "mining",
      powerW: undefined,
      powerSource: undefined,
    }));

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
      expect.objectContaining({ code: "110", text: "intake fan: speed is wrong", fix: expect.any(String) }),
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

  it("when it is from before btminer, by its two named fans", () => {
    const summary =
      '{"STATUS":[{"STATUS":"S","Code":11,"Description":"cgminer 4.9.2"}],"SUMMARY":[{"Elapsed":900,"MHS av":34123456.5,"Temperature":61,"freq_avg":500,"Fan Speed In":4000,"Fan Speed Out":4020,"Accepted":7,"Rejected":1}]}';
    expect(whatsminer.claims(seen({ summary })).kind).toBe("mine");
    const reading = whatsminer.decode({ by: { summary: parse(summary) }, damaged: new Set() }, {});
    expect(reading).toMatchObject({
      status: "mining",
      hashrateThs: 34.123457,
      hashrateWindowS: 900,
      boardTempC: 61,
      fansRpm: [4000, 4020],
      shares: { accepted: 7, rejected: 1 },
    });
    expect(reading.powerW).toBeUndefined();
    expect(reading.boards).toBeUndefined();
  });

  it("not while its API tells nothing: API 3 is asked before it is given up", () => {
    const off = '{"STATUS":"E","When":1,"Code":45,"Msg":"API disabled","Description":"whatsminer v3.0.2"}';
    const commands = ["summary", "status", "get_version", "devdetails"];
    const answers = seen(Object.fromEntries(commands.map((command) => [command, off])));
    expect(whatsminer.claims(seen({ version: off }))).toMatchObject({
      kind: "ask",
      question: { name: "summary" },
    });
    expect(whatsminer.claims(answers)).toMatchObject({ kind: "ask", question: { over: "v3" } });
    const info = { ...answers, by: { ...answers.by, "get.device.info": parse('{"code":0,"msg":{}}') } };
    expect(whatsminer.claims({ ...info, asked: new Set([...commands, "get.device.info"]) }).kind).toBe("not");
    expect(whatsminer.claims({ ...answers, asked: new Set([...commands, "get.device.info"]) })).toMatchObject(
      { kind: "unsupported", what: expect.stringContaining("WhatsMinerTool") },
    );
  });
});

describe("a Whatsminer of another build", () => {
  const of = (replies: Record<string, string>): Reading => {
    const by = Object.fromEntries(Object.entries(replies).map(([name, text]) => [name, parse(text)]));
    let facts: Facts = {};
    for (const name in by) facts = whatsminer.learn(facts, name, by[name]!);
    return whatsminer.decode({ by, damaged: new Set() }, facts);
  };

  it("that puts its answers into Msg is read alike", () => {
    const reading = of({
      summary:
        '{"STATUS":"S","Code":131,"Msg":{"Elapsed":700,"MHS av":122000000,"HS RT":123000000,"Factory GHS":126000,"Power":3400}}',
      devs: '{"STATUS":"S","Code":131,"Msg":{"DEVS":[{"ASC":0,"Slot":0,"HS RT":41000000,"Temperature":60}]}}',
      pools:
        '{"STATUS":"S","Code":131,"Msg":{"POOLS":[{"POOL":1,"URL":"stratum+tcp://pool.example:3333","User":"a.b","Status":"Alive","Stratum Active":true}]}}',
    });
    expect(reading).toMatchObject({
      hashrateThs: 123,
      powerW: 3400,
      boards: [{ slot: 0, hashrateThs: 41, boardTempC: 60 }],
      pools: [{ active: true, user: "a.b" }],
    });
  });

  it("whose devs say nothing of the chips takes them from edevs, and a board that is gone has no row", () => {
    const { boards } = of({
      summary:
        '{"SUMMARY":[{"Elapsed":700,"MHS av":68000000,"MHS 1m":67000000,"Power":3400,"Chip Temp Max":90}]}',
      devs: '{"DEVS":[{"ASC":0,"Slot":0,"MHS 1m":22000000,"Temperature":70},{"ASC":2,"Slot":2,"MHS 1m":22500000,"Temperature":71}]}',
      edevs:
        '{"DEVS":[{"ASC":0,"Slot":0,"Chip Temp Max":88,"Effective Chips":105,"PCB SN":"A1"},{"ASC":2,"Slot":2,"Chip Temp Max":90}]}',
    });
    expect(boards).toEqual([
      { slot: 0, hashrateThs: 22, boardTempC: 70, chipTempC: 88, chips: 105, serial: "A1" },
      { slot: 2, hashrateThs: 22.5, boardTempC: 71, chipTempC: 90 },
    ]);
  });

  it("of the first API names its version in its description", () =>
    expect(
      of({
        get_version: '{"STATUS":"E","Code":14,"Msg":"invalid cmd","Description":"whatsminer v1.1"}',
        summary: '{"SUMMARY":[{"MHS av":41000000,"Power":2000}]}',
      }).apiVersion,
    ).toBe("1.1"));

  it("takes its power limit from status where summary has none", () =>
    expect(
      decode({ "Power Limit": undefined }, {}, { status: { power_limit_set: "3600" } }).powerLimitW,
    ).toBe(3600));

  it("cooled by water has no fans, whether it says so or its model does", () => {
    const still = { "Fan Speed In": 0, "Fan Speed Out": 0 };
    expect(decode(still).fansRpm).toEqual([0, 0]);
    const reply = parse('{"DEVDETAILS":[{"Model":"M63S+VK30"}]}');
    const facts = whatsminer.learn({}, "devdetails", reply);
    const summary = parse(JSON.stringify({ SUMMARY: [{ "MHS av": 4e8, Power: 7000, ...still }] }));
    expect(whatsminer.decode({ by: { summary }, damaged: new Set() }, facts).fansRpm).toBeUndefined();
  });

  it("of which a rate is off by a thousand is flagged, not rescaled", () => {
    expect(decode({ "HS RT": 124_500 })).toMatchObject({ unitSuspect: true, hashrateThs: 0.1245 });
    expect(decode({ "HS RT": 124.5 }).unitSuspect).toBeUndefined();
  });
});
