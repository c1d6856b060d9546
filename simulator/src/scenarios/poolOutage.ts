import { at, lasts, line, MINUTE, rigs, type Scenario } from "./scenario.js";

export const poolOutage: Scenario = {
  name: "pool-outage",
  says: "the pool does not answer: rigs go over to their second pool after a minute, and come back",
  parameters: {
    at: at(2 * MINUTE),
    for: lasts(20 * MINUTE),
    rigs: rigs("all"),
    pool: {
      kind: "count",
      default: 1,
      least: 0,
      most: 3,
      says: "which pool, from 1; 0 is all of them: then boards go idle",
    },
  },
  plan: ({ at, for: lastsMs, rigs, pool }) => ({
    lines: [line(at as number, lastsMs as number, rigs as string, "pool-down", { pool })],
  }),
};
