import { at, lasts, line, MINUTE, rigAt, type Scenario } from "./scenario.js";

export const fanFailure: Scenario = {
  name: "fan-failure",
  says: "a fan stands still: the rig overheats, throttles, stops, cools and tries again",
  parameters: {
    at: at(MINUTE),
    for: lasts(30 * MINUTE),
    rigs: rigAt("rack-1/3"),
    fan: { kind: "count", default: 1, least: 0, most: 16, says: "which fan, from 1; 0 is all of them" },
  },
  plan: ({ at, for: lastsMs, rigs, fan }) => ({
    lines: [line(at as number, lastsMs as number, rigs as string, "fan-stop", { fan })],
  }),
};
