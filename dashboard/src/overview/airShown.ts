import type { AirNow } from "@hashwatt/protocol/meters";
import type { Format, Maybe, Shown } from "../format.js";

/** What a sensor says, as a temperature to a tenth, for air changes by less than a chip, or in percent of humidity. */
export const airShown = (format: Format, unit: AirNow["unit"], value: Maybe): Shown =>
  unit === "°C"
    ? { text: format.number(value, 1), unit: typeof value === "number" ? "°C" : "" }
    : format.percent(value);
