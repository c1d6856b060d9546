import { expect, it } from "vitest";
import { FleetTable } from "../feed/fleetTable.js";
import { heatValue, inkOn, rampOf, SCALES, stepOf } from "./heatScale.js";

const table = new FleetTable();
table.load({
  epoch: "e",
  seq: 0,
  serverMs: 0,
  rig: [1, 2],
  columns: {
    chipTempC: [null, null],
    boardTempC: [60, null],
    hashrateThs: [100, 0],
    nominalThs: [200, null],
    revenuePerH: [0.4, 0],
    profitPerH: [-0.1, -0.1],
  },
});

it("a rig without a chip sensor is coloured by its boards, and one without either has no colour", () => {
  expect(heatValue(table, 0, "temp")).toBe(60);
  expect(heatValue(table, 1, "temp")).toBeNull();
});
it("profit is a share of revenue, unknown where nothing is earned", () => {
  expect(heatValue(table, 0, "profit")).toBeCloseTo(-0.25, 9);
  expect(heatValue(table, 1, "profit")).toBeNull();
});
it("colours run from end to end of the ramp and stay at its ends beyond", () => {
  const ramp = rampOf(SCALES.temp);
  expect(ramp[stepOf(SCALES.temp, 20)]).toBe("rgb(43,74,134)");
  expect(ramp[stepOf(SCALES.temp, 130)]).toBe("rgb(240,68,68)");
  expect(heatValue(table, 0, "hashrate")).toBe(0.5);
});

it("where rigs run as they should the ramp is greener than it is red, and near the end it is red", () => {
  const channels = (tempC: number) =>
    rampOf(SCALES.temp)[stepOf(SCALES.temp, tempC)]!.match(/\d+/g)!.map(Number);
  for (const tempC of [60, 65, 70, 75, 78]) expect(channels(tempC)[1]).toBeGreaterThan(channels(tempC)[0]!);
  expect(channels(93)[0]).toBeGreaterThan(2 * channels(93)[1]!);
});

it("text on a cell is dark on light colours and light on dark ones", () => {
  expect(inkOn("rgb(183,166,60)")).toBe("#0b0e12");
  expect(inkOn("rgb(43,63,126)")).toBe("#ffffff");
});
