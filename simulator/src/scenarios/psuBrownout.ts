import { at, lasts, line, MINUTE, rigs, type Scenario, SECOND } from "./scenario.js";

const DIP_MS = 3 * SECOND;
/** Where supplies give up, whatever the sag. */
const DIP_TO = 0.7;
/** Rigs that boot draw next to nothing for so long: the voltage is back as far as supplies need to come back, and sags again under their load. */
const RELIEF_MS = 75 * SECOND;

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
  plan(values) {
    const [startMs, lengthMs, count] = [values.at, values.for, values.dips] as [number, number, number];
    const dips = Array.from({ length: count }, (_, i) => startMs + (lengthMs * (i + 1)) / (count + 1));
    const sag = (fromMs: number, untilMs: number, to: unknown) =>
      untilMs > fromMs ? [line(fromMs, untilMs - fromMs, values.rigs as string, "brown-out", { to })] : [];
    const sags = [startMs, ...dips.map((dipMs) => dipMs + DIP_MS + RELIEF_MS)].flatMap((fromMs, i) =>
      sag(fromMs, dips[i] ?? startMs + lengthMs, values.to),
    );
    return { lines: [...sags, ...dips.flatMap((dipMs) => sag(dipMs, dipMs + DIP_MS, DIP_TO))] };
  },
};
