import { at, HOUR, lasts, line, MINUTE, rigs, type Scenario } from "./scenario.js";

export const hashrateTheft: Scenario = {
  name: "hashrate-theft",
  says: "firmware pays part of the work to somebody else: reported and accepted diverge",
  parameters: {
    at: at(5 * MINUTE),
    for: lasts(24 * HOUR),
    rigs: rigs("20%"),
    share: { kind: "number", default: 0.2, least: 0, most: 1, says: "share of the work" },
  },
  plan: ({ at, for: lastsMs, rigs, share }) => ({
    lines: [line(at as number, lastsMs as number, rigs as string, "theft", { share })],
  }),
};
