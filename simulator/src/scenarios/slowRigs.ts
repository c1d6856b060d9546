import { at, HOUR, lasts, line, rigs, type Scenario, SECOND } from "./scenario.js";

export const slowRigs: Scenario = {
  name: "slow-rigs",
  says: "some rigs answer late, and some connections get no answer",
  parameters: {
    at: at(0),
    for: lasts(24 * HOUR),
    rigs: rigs("30%"),
    by: { kind: "duration", default: 2 * SECOND, says: "how late they answer" },
    loss: {
      kind: "number",
      default: 0.05,
      least: 0,
      most: 1,
      says: "share of the connections without an answer",
    },
  },
  plan: ({ at, for: lastsMs, rigs, by, loss }) => ({
    lines: [
      line(at as number, lastsMs as number, rigs as string, "slow", { by: `${by}ms` }),
      line(at as number, lastsMs as number, rigs as string, "lossy", { share: loss }),
    ],
  }),
};
