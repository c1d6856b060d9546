import { describe, expect, it } from "vitest";
import { AgentError } from "../agentError.js";
import { parseReply, type Reply } from "../replies/reply.js";
import { cgminer, generic } from "./cgminer.js";
import type { Seen } from "./dialect.js";

const text = (body: string) => parseReply(body, true);
const CARDS = text(
  "STATUS=S,When=1,Code=9,Msg=2 GPU(s),Description=cgminer 3.3.1|GPU=0,Enabled=Y,Temperature=66.00,Fan Speed=3257,MHS av=0.64,MHS 1s=0.58,Accepted=24,Rejected=1,Hardware Errors=0|GPU=1,Enabled=Y,Temperature=75.00,Fan Speed=-1,MHS av=0.64,MHS 1s=0.58,Accepted=30,Rejected=0,Hardware Errors=2|",
);
const STICKS = text(
  "STATUS=S,When=1,Code=9,Msg=2 PGA(s),Description=bfgminer 3.10.0|PGA=0,Name=BES,ID=0,ProcID=0,MHS av=335.3,MHS 5s=302.7,Accepted=97,Hardware Errors=6,Hardware Errors=0|PGA=1,Name=BES,ID=0,ProcID=1,MHS av=300,MHS 5s=300,Accepted=3,Hardware Errors=1|PGA=2,Name=BES,ID=1,ProcID=0,MHS av=335.3,MHS 5s=302.4,Accepted=125,Hardware Errors=2|",
);
const BOX = parseReply(
  '{"STATUS":[{"STATUS":"S","Code":9,"Description":"cgminer 4.10.0"}],"DEVS":[{"ASC":0,"Name":"ttyS1","temperature":32,"MHS 5s":67.57},{"ASC":1,"Name":"ttyS2","temperature":0,"MHS 5s":82.24}],"id":1}',
  true,
);
const SUMMARY = parseReply(
  '{"STATUS":[{"STATUS":"S","Code":11,"Description":"cgminer 4.10.0"}],"SUMMARY":[{"Elapsed":48417,"GHS 5s":13500.5,"GHS av":13400,"Accepted":10,"Rejected":1}],"id":1}',
  true,
);
const INVALID = parseReply('{"STATUS":[{"STATUS":"E","Code":14,"Msg":"Invalid command"}],"id":1}', true);

/** A summary that nobody fills in, beside boards that hash: BW's firmware 2.90. */
const BOXES = parseReply(
  '{"STATUS":[{"STATUS":"S","Code":9,"Msg":"0 ASC(s)","Description":"cpuminer 2.3.2"}],"DEVS":[{"ASC":0,"MHS av":134.35,"MHS 5s":139.67,"Accepted":2467,"Rejected":6,"temperature":38},{"ASC":1,"MHS av":132.42,"MHS 5s":139.65,"Accepted":2036,"Rejected":9,"temperature":38}],"id":1}',
  true,
);
const EMPTY = parseReply(
  '{"STATUS":[{"STATUS":"S","Code":11,"Description":"cpuminer 2.3.2"}],"SUMMARY":[{"Elapsed":64454,"MHS av":0,"MHS 5s":0,"Accepted":1655589633532138,"Rejected":57}],"id":1}',
  true,
);
/** Devices that nobody fills in, beside a summary that does: stock Antminers. */
const ZEROS = parseReply(
  '{"STATUS":[{"STATUS":"S","Code":9}],"DEVS":[{"ASC":0,"MHS av":0,"MHS 5s":0,"Temperature":0,"Hardware Errors":12}],"id":1}',
  true,
);

const decode = (by: Record<string, Reply>, dialect = cgminer) =>
  dialect.decode({ by, damaged: new Set() }, dialect.learn({}, "devs", by.devs ?? INVALID));

function seen(by: Record<string, Reply>, asked = ["version", "summary", "stats", "devs"]): Seen {
  return { by, asked: new Set(asked), text: "something" };
}

describe("where two answers contradict each other", () => {
  it("a summary of zeros over devices that hash is none, nor are its counters", () =>
    expect(decode({ devs: BOXES, summary: EMPTY }, generic)).toMatchObject({
      status: "mining",
      hashrateThs: 0.00027932,
      hashrateAvgThs: 0.00026677,
      shares: { accepted: 4503, rejected: 15 },
      boards: [{ slot: 0 }, { slot: 1 }],
    }));

  it("devices of zeros under a summary that hashes are no boards that stand", () => {
    const reading = decode({ devs: ZEROS, summary: SUMMARY }, generic);
    expect(reading).toMatchObject({ status: "mining", hashrateThs: 13.5005 });
    expect(reading.boards).toBeUndefined();
  });

  it("a device that does not tell makes the sum unknown, not smaller", () => {
    const { DEVS } = BOXES.members as { DEVS: object[] };
    const devs = { members: { ...BOXES.members, DEVS: [...DEVS, { ASC: 2, temperature: 38 }] }, cut: false };
    expect(() => decode({ devs }, generic)).toThrow(AgentError);
  });
});

describe("cgminer on a computer", () => {
  it("is read by its devices, in the unit that their keys name", () => {
    expect(decode({ devs: CARDS })).toMatchObject({
      status: "mining",
      dialect: "cgminer",
      firmware: "cgminer 3.3.1",
      hashrateThs: 0.00000116,
      hashrateAvgThs: 0.00000128,
      boardTempC: 75,
      fansRpm: [3257],
      shares: { accepted: 54, rejected: 1 },
      boards: [
        { slot: 0, hashrateThs: 0.00000058, boardTempC: 66, hwErrors: 0 },
        { slot: 1, hashrateThs: 0.00000058, boardTempC: 75, hwErrors: 2 },
      ],
    });
  });

  it("processors of one device are one device, and of a key that comes twice the first counts", () => {
    const { boards, algo } = decode({ devs: STICKS });
    expect(boards).toEqual([
      { slot: 0, hashrateThs: 0.0006027, hwErrors: 7 },
      { slot: 1, hashrateThs: 0.0003024, hwErrors: 2 },
    ]);
    expect(algo).toBeUndefined();
  });

  it("says its algorithm where the build knows the word", () => {
    const coin = (method: string) =>
      cgminer.learn({}, "coin", parseReply(`{"COIN":[{"Hash Method":"${method}"}]}`, true)).algo;
    expect(coin("scrypt")).toBe("Scrypt");
    expect(coin("sha256")).toBe("SHA256");
  });

  it("claims what has cards or FPGA boards, in text or JSON", () => {
    expect(cgminer.claims(seen({ devs: CARDS }))).toEqual({ kind: "mine" });
    expect(cgminer.claims(seen({ devs: STICKS }))).toEqual({ kind: "mine" });
    expect(cgminer.claims(seen({ devs: BOX }))).toEqual({ kind: "not" });
  });
});

describe("the generic reader", () => {
  it("takes as the last what answers a cgminer API with a hashrate, once the others have looked", () => {
    expect(generic.claims(seen({ devs: BOX }))).toEqual({ kind: "last", what: "cgminer 4.10.0" });
    expect(generic.claims(seen({ summary: SUMMARY }))).toEqual({ kind: "last", what: "cgminer 4.10.0" });
    expect(generic.claims(seen({ summary: SUMMARY }, ["version", "summary"]))).toEqual({ kind: "not" });
    expect(generic.claims(seen({ summary: SUMMARY }, ["version", "summary", "stats"]))).toMatchObject({
      kind: "ask",
    });
    expect(generic.claims(seen({ devs: INVALID, summary: INVALID }))).toEqual({ kind: "not" });
  });

  it("reads what is standard, and takes no hashrate for one of an algorithm that it does not know", () => {
    const reading = decode({ summary: SUMMARY, devs: BOX }, generic);
    expect(reading).toMatchObject({
      dialect: "generic",
      status: "mining",
      hashrateThs: 13.5005,
      hashrateWindowS: 5,
      hashrateAvgThs: 13.4,
      uptimeS: 48417,
      boardTempC: 32,
      shares: { accepted: 10, rejected: 1 },
      boards: [
        { slot: 0, hashrateThs: 0.00006757, boardTempC: 32 },
        { slot: 1, hashrateThs: 0.00008224 },
      ],
    });
    expect(reading.boards?.[1]?.boardTempC).toBeUndefined();
    expect(reading.algo).toBeUndefined();
    expect(reading.firmware).toBeUndefined();
    expect(reading.powerW).toBeUndefined();
  });

  it("has no reading without a hashrate, nor of a summary that was cut", () => {
    expect(() => decode({ summary: INVALID, devs: INVALID }, generic)).toThrow(AgentError);
    expect(() => generic.decode({ by: { devs: BOX }, damaged: new Set(["summary"]) }, {})).toThrow(
      /breaks off/,
    );
  });
});
