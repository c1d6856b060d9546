import { at, HOUR, lasts, line, MINUTE, rigs, type Scenario } from "./scenario.js";

export const heatWave: Scenario = {
  name: "heat-wave",
  says: "the air gets much warmer for some hours",
  parameters: {
    at: at(MINUTE),
    for: lasts(6 * HOUR),
    by: { kind: "number", default: 14, least: 0, most: 40, unit: "°C", says: "at its height" },
    over: { kind: "duration", default: 30 * MINUTE, says: "how long it takes to come, and to go" },
    rigs: rigs("all"),
  },
  plan: ({ at, for: lastsMs, by, over, rigs }) => ({
    lines: [
      line(at as number, lastsMs as number, rigs as string, "warmer", {
        by,
        // A quarter is the most that leaves a height between coming and going.
        over: `${Math.min(over as number, (lastsMs as number) / 4)}ms`,
      }),
    ],
  }),
};
