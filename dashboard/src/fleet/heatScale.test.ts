import { expect, it } from "vitest";
import { FleetTable } from "../feed/fleetTable.js";
import { colourOf, heatValue, rampOf, SCALES } from "./heatScale.js";

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
  expect(colourOf(ramp, SCALES.temp, 20)).toBe("rgb(43,63,126)");
  expect(colourOf(ramp, SCALES.temp, 130)).toBe("rgb(242,77,77)");
  expect(heatValue(table, 0, "hashrate")).toBe(0.5);
});
