import { numberOf, textOf } from "../parameters.js";
import { SHED_RECIRCULATION } from "../site/hall.js";
import type { Scenario } from "./scenario.js";
import { climateOf, from, localMs } from "./weather.js";

export const hezeSummer: Scenario = {
  name: "heze-summer",
  says: "a shed in Heze, Shandong, in July: warm rows, exhaust that leaks back, rigs that run slower in the afternoon",
  parameters: {
    from: from("2026-07-20T11:00"),
    rise: { kind: "number", default: 4, least: 0, most: 20, unit: "°C", says: "hall over the air outside" },
  },
  plan(values) {
    return {
      hall: {
        climate: climateOf("heze"),
        fromLocalMs: localMs(textOf(values, "from")),
        riseC: numberOf(values, "rise"),
        recirculation: SHED_RECIRCULATION,
      },
    };
  },
};
