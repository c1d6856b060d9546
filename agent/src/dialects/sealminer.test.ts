import { describe, expect, it } from "vitest";
import { complaints } from "../fixtures/junk.js";
import { readPlayed } from "../fixtures/playedRig.js";
import { parseReply } from "../replies/reply.js";
import { sealminer } from "./sealminer.js";

const STATUS = [{ STATUS: "S", Code: 70, Description: "bdminer 4.11.1" }];
const board = (n: number, more: object = {}) => ({
  [`${n} Online`]: true,
  [`${n} MHS(Sample)`]: 73_400_000 + n,
  [`${n} MHS(Ideal)`]: 77_000_000,
  [`${n} Temp 0`]: 48,
  [`${n} Temp 1`]: 52,
  [`${n} Temp 2`]: 0,
  [`${n} Temp 3`]: 51,
  [`${n} Chip Count`]: 153,
  [`${n} Bad Chip Count`]: n,
  [`${n} SN`]: `B${n}`,
  [`${n} Freq`]: 400,
  ...more,
});
const READINGS = {
  ...{ Type: "SEALMINER A2", Firmware: "2025030100", MAC: "02:00:00:00:00:0a", "Ctrl Board SN": "C1" },
  ...{ "Board Count": 3, "Fan Count": 4, "MHS(Rated)": 226_000_000, "PSU Input Power": 3504 },
  ...{ "Power Limit": 3730, "Error Code": "", "PM State": "Running", "Mining Mode": "Normal" },
  ...{ "0 Speed": 5100, "1 Speed": 5110, "2 Speed": 5120, "3 Speed": 0 },
  ...board(0),
  ...board(1),
  ...board(2),
};
const rig = (changes: object = {}) => ({
  transport: "cgminer-tcp",
  responses: {
    version: { STATUS, VERSION: [{ BDMiner: "4.11.1", API: "3.7" }], id: 1 },
    summary: {
      STATUS,
      SUMMARY: [{ Elapsed: 4000, "MHS av": 206_900_000, "MHS 5s": 220_400_000, Accepted: 5, Rejected: 0 }],
      id: 1,
    },
    stats: { STATUS, STATS: [{ STATS: 0, ...READINGS, ...changes }], id: 1 },
  },
});

describe("a SealMiner", () => {
  it("is read whole, its fans apart from its boards", async () => {
    expect(await readPlayed(rig())).toMatchObject({
      status: "mining",
      make: "Bitdeer",
      model: "SealMiner A2",
      firmware: "2025030100",
      apiVersion: "3.7",
      dialect: "sealminer",
      mac: "02:00:00:00:00:0a",
      serial: "C1",
      nominalThs: 226,
      hashrateThs: 220.4,
      hashrateAvgThs: 206.9,
      powerW: 3504,
      powerSource: "psu",
      powerLimitW: 3730,
      boardTempC: 52,
      fansRpm: [5100, 5110, 5120, 0],
      boards: [0, 1, 2].map((slot) => ({
        slot,
        nominalThs: 77,
        boardTempC: 52,
        chips: 153 - slot,
        chipsExpected: 153,
        serial: `B${slot}`,
      })),
    });
  });

  it("has no row for a board that is missing", async () => {
    const gone = {
      ...board(1, { "1 Online": false, "1 MHS(Sample)": 0, "1 Chip Count": 0 }),
      ...{ "1 Temp 0": 0, "1 Temp 1": 0, "1 Temp 3": 0 },
    };
    const reading = await readPlayed(rig(gone));
    expect(reading).toMatchObject({ boards: [{ slot: 0 }, { slot: 2 }] });
  });

  it("names its error", async () =>
    expect(await readPlayed(rig({ "Error Code": "2010" }))).toMatchObject({ faults: [{ code: "2010" }] }));

  it("is refused or fit to be sent whatever stands in place of a value", () => {
    const summary = parseReply(JSON.stringify(rig().responses.summary), true);
    const decode = (junk: unknown) => {
      const stats = parseReply(JSON.stringify({ STATS: [junk] }), true);
      return sealminer.decode(
        { by: { summary, stats }, damaged: new Set() },
        sealminer.learn({}, "stats", stats),
      );
    };
    expect(complaints(READINGS, decode)).toEqual([]);
  });
});
