import { at, lasts, line, MINUTE, rigs, type Scenario, SECOND } from "./scenario.js";

export const psuBrownout: Scenario = {
  name: "psu-brownout",
  says: "the voltage of a feeder sags: supplies give less, some seconds of it are too low and rigs reboot",
  parameters: {
    at: at(MINUTE),
    for: lasts(10 * MINUTE),
    rigs: rigs("rack-1/*"),
    to: { kind: "number", default: 0.83, least: 0, most: 1, says: "voltage over the rated one" },
    dips: {
      kind: "count",
      default: 2,
      least: 0,
      most: 50,
      says: "how often it falls to where supplies give up",
    },
  },
  plan({ at, for: lastsMs, rigs, to, dips }) {
    const [startMs, length, count] = [at as number, lastsMs as number, dips as number];
    const deep = Array.from({ length: count }, (_, i) =>
      line(startMs + (length * (i + 1)) / (count + 1), 3 * SECOND, rigs as string, "brown-out", { to: 0.7 }),
    );
    return { lines: [line(startMs, length, rigs as string, "brown-out", { to }), ...deep] };
  },
};
