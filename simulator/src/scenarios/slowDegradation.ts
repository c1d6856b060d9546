import { at, HOUR, line, rigs, type Scenario } from "./scenario.js";

export const slowDegradation: Scenario = {
  name: "slow-degradation",
  says: "dust, dried paste and tired chips over weeks: temperatures and errors creep up, hashrate creeps down",
  parameters: {
    at: at(0),
    over: { kind: "duration", default: 30 * 24 * HOUR, says: "how long it takes" },
    rigs: rigs("25%"),
    fouling: {
      kind: "number",
      default: 1.35,
      least: 1,
      most: 5,
      says: "thermal resistance at the end, over a new rig's",
    },
    flow: { kind: "number", default: 0.8, least: 0.05, most: 1, says: "share of the airflow that is left" },
    years: {
      kind: "number",
      default: 4,
      least: 0,
      most: 20,
      unit: "years",
      says: "that the chips seem to have aged",
    },
  },
  plan: ({ at, over, rigs, ...worn }) => ({
    lines: [line(at as number, undefined, rigs as string, "wear", { ...worn, over: `${over}ms` })],
  }),
};
