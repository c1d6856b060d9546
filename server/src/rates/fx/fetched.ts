import type { RateSeries } from "../rateSeries.js";
import type { RateSource } from "../slot.js";

/** Units of `currency` per USD as sources have told or files have brought them: series `fx/<currency>`. */
export const fetchedFx = (series: Pick<RateSeries, "slots">, currency: string): RateSource => ({
  kind: "fx",
  id: `fx/${currency}`,
  unit: `${currency}/USD`,
  slots: (range) => series.slots(`fx/${currency}`, range),
});
