import { numberOf, textOf } from "../parameters.js";
import type { Scenario } from "./scenario.js";
import { climateOf, from, localMs } from "./weather.js";

export const jilinWinter: Scenario = {
  name: "jilin-winter",
  says: "January in Jilin (weather of Changchun, the nearest place with figures): slow fans, and a cold start for whoever stops",
  parameters: {
    from: from("2026-01-15T05:00"),
    mix: {
      kind: "number",
      default: -5,
      least: -40,
      most: 30,
      unit: "°C",
      says: "inlet below which exhaust is mixed in",
    },
  },
  plan(values) {
    return {
      hall: {
        climate: climateOf("changchun"),
        fromLocalMs: localMs(textOf(values, "from")),
        riseC: 2,
        mixToC: numberOf(values, "mix"),
      },
    };
  },
};
