import { placesWithin, RIGS_PER_RACK } from "../site/places.js";
import { boardDies } from "./boardDies.js";
import { fanFailure } from "./fanFailure.js";
import { flappingNetwork } from "./flappingNetwork.js";
import { garbageReplies } from "./garbageReplies.js";
import { hashrateTheft } from "./hashrateTheft.js";
import { heatWave } from "./heatWave.js";
import { hezeSummer } from "./hezeSummer.js";
import { poolOutage } from "./poolOutage.js";
import { psuBrownout } from "./psuBrownout.js";
import { type Plan, type Scenario, valuesFor } from "./scenario.js";
import { slowRigs } from "./slowRigs.js";
import { wrongPool } from "./wrongPool.js";

const PARTS: readonly [Scenario, Record<string, unknown>][] = [
  [hezeSummer, {}],
  [fanFailure, { at: "2m", for: "1h" }],
  [slowRigs, { at: "3m", for: "2h", rigs: "10%" }],
  [boardDies, { at: "6m" }],
  [poolOutage, { at: "12m", for: "8m" }],
  [garbageReplies, { at: "22m", for: "20m", rigs: "rack-1/9, rack-2/9" }],
  [psuBrownout, { at: "26m", for: "6m" }],
  [wrongPool, { at: "34m", rigs: "5%" }],
  [flappingNetwork, { at: "40m", for: "15m", rigs: "rack-2/*, rack-1/11" }],
  [heatWave, { at: "45m", for: "3h", by: 8 }],
  [hashrateTheft, { at: "50m" }],
];

export const badTuesday: Scenario = {
  name: "bad-tuesday",
  says: "a day in Heze on which everything happens: fan, board, pool, voltage, network, a hijacked pool, a heat wave",
  parameters: {},
  plan(_values, fleet) {
    const count = fleet.rigs.length;
    const plans = PARTS.map(([scenario, given]): Plan => {
      if (typeof given.rigs !== "string") return scenario.plan(valuesFor(scenario, given, fleet), fleet);
      // Without a second rack a few rigs are most of the fleet: all that befalls some of them befalls these two.
      const rigs = placesWithin(count > RIGS_PER_RACK ? given.rigs : "rack-1/9, rack-1/11", count);
      return scenario.plan(valuesFor(scenario, { ...given, rigs }, fleet), fleet);
    });
    const lines = plans.flatMap((plan) => plan.lines ?? []);
    // A fleet without fans, or of single boards, has all the rest of the day.
    return { hall: plans[0]?.hall ?? {}, lines: lines.map((line) => ({ ...line, isOptional: true })) };
  },
};
