import { placeOf } from "../site/places.js";
import { at, lasts, line, MINUTE, type Scenario, SECOND } from "./scenario.js";

export const curtailmentDay: Scenario = {
  name: "curtailment-day",
  says: "the grid asks for power twice: rigs are put to sleep, the second time half of them only limited, and woken rack by rack",
  parameters: {
    at: at(5 * MINUTE),
    for: lasts(60 * MINUTE),
    pause: { kind: "duration", default: 120 * MINUTE, says: "from the end of the first to the second" },
    stagger: { kind: "duration", default: 30 * SECOND, says: "from rack to rack when they are woken" },
    watts: {
      kind: "number",
      default: 2000,
      least: 100,
      most: 20_000,
      unit: "W",
      says: "limit of those that go on",
    },
  },
  plan({ at, for: lastsMs, pause, stagger, watts }, { rigs }) {
    const racks = [...new Set(rigs.map(({ index }) => placeOf(index).rack))];
    const asleepMs = (rack: number) => (lastsMs as number) + (rack - 1) * (stagger as number);
    const secondMs = (at as number) + (lastsMs as number) + (pause as number);
    return {
      lines: racks.flatMap((rack) => [
        line(at as number, asleepMs(rack), `rack-${rack}/*`, "sleep"),
        rack % 2 === 0
          ? line(secondMs, lastsMs as number, `rack-${rack}/*`, "power-limit", { watts })
          : line(secondMs, asleepMs(rack), `rack-${rack}/*`, "sleep"),
      ]),
    };
  },
};
