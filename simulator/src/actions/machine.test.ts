import { expect, test } from "vitest";
import { layOut } from "../addresses.js";
import { stockOf } from "../families.js";
import { type StagedFleet, type Staging, stage } from "../fleet.js";
import { LIQUID } from "../makes/liquid.js";
import type { RigModel } from "../models.js";
import { lineOf } from "../scenarios/timeline.js";
import { buildSite } from "../site.js";
import { fakeClock } from "../time.js";

const START_MS = Date.UTC(2026, 0, 15, 9);
const MINUTE = 60_000;

function staged(stock: readonly RigModel[], rigs: number, scenario: Staging["scenario"] = []): StagedFleet {
  const site = buildSite("parts", rigs, undefined, stock);
  return stage(site, layOut("per-address", rigs, "127.10.0.1", 4028), fakeClock(START_MS), { scenario });
}

const modelOf = (fleet: StagedFleet, index: number): RigModel => fleet.seats[index]!.live.identity.model;
const stateOf = (fleet: StagedFleet, index: number) => fleet.seats[index]!.live.stateAt(fleet.time.nowMs());

test("of a board no more chips die than it has, however often it is hit", () => {
  const fleet = staged(stockOf(undefined), 2);
  const { chipsPerBoard } = modelOf(fleet, 0);
  for (const chips of [chipsPerBoard - 1, chipsPerBoard - 1])
    fleet.happen(lineOf({ do: "chips-off", rigs: "rack-1/1", board: 1, chips }));
  fleet.time.advance(10 * MINUTE);
  const { boards, hashrateThs, powerW } = stateOf(fleet, 0);
  expect(boards[0]).toMatchObject({ present: true, chips: 0, hashrateThs: 0, powerW: 0 });
  expect(hashrateThs).toBeGreaterThan(0);
  for (const board of [2, 3]) fleet.happen(lineOf({ do: "chips-off", rigs: "rack-1/1", board, chips: 2000 }));
  fleet.time.advance(10 * MINUTE);
  expect(stateOf(fleet, 0).hashrateThs).toBe(0);
  expect(stateOf(fleet, 0).powerW).toBeGreaterThan(0);
  expect(stateOf(fleet, 0).powerW).toBeLessThan(powerW);
});

test("a rig of one chip that loses four has none, and draws no less than nothing", () => {
  const site = { board: 1, at: "1m", over: "9m", rigs: "all" };
  const fleet = staged(stockOf(["axeos"]), 6, [{ "board-dies": site }]);
  for (let minute = 0; minute < 12; minute++) {
    fleet.time.advance(MINUTE);
    for (const [index] of fleet.seats.entries()) {
      const { hashrateThs, powerW, boards } = stateOf(fleet, index);
      expect(hashrateThs).toBeGreaterThanOrEqual(0);
      expect(powerW).toBeGreaterThan(0);
      expect(boards[0]!.chips).toBeGreaterThanOrEqual(0);
    }
  }
});

test("what none of the rigs has is refused with what they have, and nothing is written down", () => {
  const fleet = staged([...LIQUID, ...stockOf(["axeos"])], 12);
  const rigWith = (fans: number) =>
    `rack-1/${fleet.seats.findIndex((_, index) => modelOf(fleet, index).fanCount === fans) + 1}`;
  const most = Math.max(...fleet.seats.map((_, index) => modelOf(fleet, index).boardCount));
  for (const [words, says] of [
    [{ do: "fan-stop", rigs: rigWith(1), fan: 2 }, "fan: 2 is not allowed here: the rig has 1 fan"],
    [{ do: "fan-stop", rigs: rigWith(0), fan: 1 }, "fan: 1 is not allowed here: the rig has no fans"],
    [{ do: "fan-slow", rigs: rigWith(0), fan: 0 }, "fan: 0 is not allowed here: the rig has no fans"],
    [{ do: "board-off", board: 9 }, `board: 9 is not allowed here: the rigs have 1 to ${most} boards`],
    [{ do: "chips-off", board: 9 }, "board: 9 is not allowed here: the rigs have 1 to"],
  ] as const)
    expect(() => fleet.happen(lineOf(words))).toThrow(says);
  expect(fleet.script.incidents).toEqual([]);
});

test("what some of the rigs lack befalls the others, and how many these are is known", () => {
  const fleet = staged(stockOf(undefined), 12);
  const fans = fleet.seats.map((_, index) => modelOf(fleet, index).fanCount);
  const having = [...fans.keys()].filter((index) => fans[index]! >= 4);
  expect(having.length).toBeGreaterThan(0);
  expect(having.length).toBeLessThan(12);
  const { rigs, lacking } = fleet.happen(lineOf({ do: "fan-stop", fan: 4 }));
  expect({ rigs, lacking }).toEqual({ rigs: having, lacking: 12 - having.length });
  expect(fleet.happen(lineOf({ do: "fan-stop", fan: 0 })).lacking).toBe(0);
});

test("a scenario is refused with its name where its rigs lack the part, and a bad Tuesday goes on without", () => {
  const axeos = stockOf(["axeos"]);
  expect(() => staged(axeos, 12, "board-dies")).toThrow(
    /^board-dies: board: 2 is not allowed here: the rig has 1 board$/,
  );
  expect(() => staged(LIQUID, 12, "fan-failure")).toThrow(
    /^fan-failure: fan: 1 is not allowed here: the rig has no fans$/,
  );
  const { incidents } = staged(axeos, 12, "bad-tuesday").script;
  expect(incidents.filter(({ lacking }) => lacking > 0)).toMatchObject(
    ["chips-off", "chips-off", "chips-off", "board-off"].map((does) => ({
      does,
      rigs: [],
      from: "bad-tuesday",
    })),
  );
});
