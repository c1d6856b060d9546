import { LIVE_COLUMNS } from "@hashwatt/protocol/live";
import { expect, test } from "vitest";
import { judgedRig } from "../fixtures/judgedRig.js";
import { liveRow } from "./fleetColumns.js";

test("a row says how many fault codes a rig tells while it goes on mining, and nothing where it tells none", () => {
  const { view, reads } = judgedRig();
  const row = (faults?: { code: string }[]) => {
    reads(0, faults ? { faults } : {});
    const cells = liveRow(view);
    return [cells[1 + LIVE_COLUMNS.indexOf("status")], cells[1 + LIVE_COLUMNS.indexOf("faults")]];
  };
  expect(row()).toEqual(["mining", null]);
  expect(row([{ code: "530" }, { code: "111" }])).toEqual(["mining", 2]);
  expect(row([])).toEqual(["mining", null]);
});
