import { SimulatorError } from "../errors.js";
import type { Parameter } from "../parameters.js";
import { CLIMATES, type Climate } from "../site/climates.js";

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?$/;

/** The weather's own time when the simulation begins, as the clocks of the place show it. */
export const from = (usual: string): Parameter => ({
  kind: "text",
  default: usual,
  says: "the weather's date and time at the start, like 2026-07-20T12:00, as the place's clocks show it",
});

/** A row of the climate table. Throws `bad-scenario` when there is none of that name. */
export function climateOf(name: string): Climate {
  const climate = CLIMATES.find((row) => row.name === name);
  if (climate === undefined)
    throw new SimulatorError(
      "bad-scenario",
      `climate: "${name}" is not known; allowed: ${CLIMATES.map((row) => row.name).join(", ")}`,
      { word: "climate" },
    );
  return climate;
}

/** A local date and time as the ms that they would be in UTC. Throws `bad-scenario` for what is none. */
export function localMs(text: string): number {
  const [, year, month, day, hour = "0", minute = "0"] = LOCAL.exec(text.trim()) ?? [];
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  const real = new Date(ms);
  if (
    year === undefined ||
    real.getUTCMonth() + 1 !== Number(month) ||
    real.getUTCDate() !== Number(day) ||
    Number(hour) > 23 ||
    Number(minute) > 59
  )
    throw new SimulatorError(
      "bad-scenario",
      `from: "${text}" is not allowed; allowed: a date like 2026-07-20T12:00`,
      { word: "from" },
    );
  return ms;
}
