import { at, line, rigs, type Scenario } from "./scenario.js";

export const clockSkew: Scenario = {
  name: "clock-skew",
  says: "clocks of some rigs are wrong, as without an NTP server",
  parameters: {
    at: at(0),
    rigs: rigs("25%"),
    ahead: {
      kind: "number",
      default: -5400,
      least: -1e9,
      most: 1e9,
      unit: "s",
      says: "how far they are ahead",
    },
  },
  plan: ({ at, rigs, ahead }) => ({
    lines: [line(at as number, undefined, rigs as string, "clock", { ahead })],
  }),
};
