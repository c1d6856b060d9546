import { describe, expect, test } from "vitest";
import { layOut } from "../addresses.js";
import { type StagedFleet, type Staging, stage } from "../fleet.js";
import { placeOf } from "../site/places.js";
import { buildSite } from "../site.js";
import { fakeClock } from "../time.js";
import { SCENARIOS } from "./registry.js";
import { MINUTE } from "./scenario.js";

function staged(rigs: number, scenario: Staging["scenario"], set: Staging["set"] = {}): StagedFleet {
  const places = layOut("per-address", rigs, "127.10.0.1", 4028);
  return stage(buildSite("sizes", rigs, undefined), places, fakeClock(), { scenario, set });
}

describe.each(SCENARIOS.map(({ name }) => name))("%s", (name) => {
  test.each([1, 2, 4, 5, 10, 11, 12, 13, 20, 21])("befalls a fleet of %i", (rigs) => {
    const fleet = staged(rigs, name);
    expect(fleet.script.incidents.every((incident) => incident.rigs.length > 0)).toBe(true);
    fleet.time.advance(10 * MINUTE);
    expect(fleet.seats[rigs - 1]?.live.stateAt(fleet.time.nowMs()).powerW).toBeGreaterThanOrEqual(0);
  });
});

test.each(SCENARIOS.filter(({ parameters }) => "rigs" in parameters).map(({ name }) => name))(
  "%s is named where it was told of rigs that this fleet has not",
  (name) => {
    expect(() => staged(2, name, { [`${name}.rigs`]: "rack-1/3" })).toThrow(
      `${name}: rigs: "rack-1/3" names no rig of this fleet, which has 2 rigs in rack 1;`,
    );
  },
);

/** Places of the rigs that one kind of incident befalls, over the whole plan. */
function befallen(fleet: StagedFleet, does: string): string {
  const indexes = fleet.script.incidents.flatMap((incident) => (incident.does === does ? incident.rigs : []));
  return [...new Set(indexes)].map((index) => placeOf(index).name).join(" ");
}

test.each([
  ["fan-failure", 2, "fan-stop", "rack-1/2"],
  ["fan-failure", 3, "fan-stop", "rack-1/3"],
  ["fan-failure", 48, "fan-stop", "rack-1/3"],
  ["board-dies", 4, "board-off", "rack-1/4"],
  ["board-dies", 12, "board-off", "rack-1/5"],
  ["bad-tuesday", 1, "garbled", "rack-1/1"],
  ["bad-tuesday", 2, "fan-stop", "rack-1/2"],
  ["bad-tuesday", 10, "garbled", "rack-1/9 rack-1/10"],
  ["bad-tuesday", 11, "garbled", "rack-1/9 rack-1/11"],
  ["bad-tuesday", 12, "slow", "rack-1/9 rack-1/11"],
  ["bad-tuesday", 13, "garbled", "rack-1/9 rack-2/1"],
  ["bad-tuesday", 13, "flapping", "rack-1/11 rack-2/1"],
  ["bad-tuesday", 20, "garbled", "rack-1/9 rack-2/8"],
  ["bad-tuesday", 21, "garbled", "rack-1/9 rack-2/9"],
  ["bad-tuesday", 48, "garbled", "rack-1/9 rack-2/9"],
])("a place of %s beyond the end of a fleet of %i is its last one: %s to %s", (name, rigs, does, places) => {
  expect(befallen(staged(rigs, name), does)).toBe(places);
});

test("a rig that is named twice is one rig", () => {
  const fleet = staged(12, "fan-failure", { "fan-failure.rigs": "rack-1/3, rack-1/*, rack-1/3, 25%" });
  expect(fleet.script.incidents[0]?.rigs).toHaveLength(12);
});
