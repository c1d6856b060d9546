import { expect, test } from "vitest";
import { layOut } from "../addresses.js";
import { stage } from "../fleet.js";
import { buildSite } from "../site.js";
import { fakeClock } from "../time.js";
import { cellsOf, load } from "./cells.js";
import { draftOf } from "./draft.js";
import { finish } from "./step.js";

/** Minutes at which a bad day is looked at: a failing fan, dead chips, the pool gone over. */
const MINUTES = [12, 29];

test("a state comes back from its row of numbers as it was, on a day on which much happens", () => {
  const places = layOut("per-address", 12, "127.10.0.1", 4028);
  const fleet = stage(buildSite("cells", 12, undefined), places, fakeClock(), { scenario: "bad-tuesday" });
  for (const minute of MINUTES)
    for (const { live } of fleet.seats.slice(0, 5)) {
      const state = live.trueStateAt(fleet.time.startMs + minute * 60_000);
      const bench = draftOf(fleet.seats[0]!.live.trueStateAt(fleet.time.startMs + minute * 60_000));
      // The bench of another rig with as many boards: nothing of it may stay.
      if (bench.boards.length !== state.boards.length) continue;
      bench.unit = state.unit;
      bench.traits = state.traits;
      expect(finish(load(cellsOf(draftOf(state)), bench))).toEqual(state);
    }
});
