import { at, lasts, line, MINUTE, rigs, type Scenario, SECOND } from "./scenario.js";

export const flappingNetwork: Scenario = {
  name: "flapping-network",
  says: "a bad switch: rigs come and go",
  parameters: {
    at: at(MINUTE),
    for: lasts(30 * MINUTE),
    rigs: rigs("rack-1/*"),
    every: { kind: "duration", default: 90 * SECOND, says: "from one time that a rig goes away to the next" },
    share: { kind: "number", default: 0.4, least: 0, most: 1, says: "share of the time that it is away" },
  },
  plan: ({ at, for: lastsMs, rigs, every, share }) => ({
    lines: [
      line(at as number, lastsMs as number, rigs as string, "flapping", { every: `${every}ms`, share }),
    ],
  }),
};
