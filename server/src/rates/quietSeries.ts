import type { RateTables } from "./registry.js";

/** Series that tell nobody of a change: for a look at what would be. */
export const quietSeries = (
  series: NonNullable<RateTables["series"]>,
): NonNullable<RateTables["series"]> => ({
  slots: (name, range) => series.slots(name, range),
  names: (prefix) => series.names(prefix),
  onChange: () => () => undefined,
});
