import { placeOf } from "../site/places.js";
import { at, lasts, line, MINUTE, type Scenario, SECOND } from "./scenario.js";

export const firmwareUpdateWave: Scenario = {
  name: "firmware-update-wave",
  says: "new firmware goes round rack by rack, rig by rig: each is away for some minutes and comes back with another version",
  parameters: {
    at: at(MINUTE),
    for: lasts(4 * MINUTE),
    every: { kind: "duration", default: 20 * SECOND, says: "from one rig to the next" },
    version: { kind: "text", default: "2026.11.1", says: "that they then say they run" },
  },
  plan: ({ at, for: lastsMs, every, version }, { rigs }) => ({
    lines: rigs.map(({ index }) =>
      line((at as number) + index * (every as number), lastsMs as number, placeOf(index).name, "firmware", {
        version,
      }),
    ),
  }),
};
