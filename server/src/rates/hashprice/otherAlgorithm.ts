import type { RateSeries } from "../rateSeries.js";
import type { RateSource } from "../slot.js";

/** The series of what an algorithm earns, BTC per PH/s and day, by its name as rigs report it. */
export const revenueSeries = (algorithm: string): string =>
  `revenue/${algorithm
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64)}`;

/** What an algorithm other than SHA-256 earns: revenue per hash; algorithms are never summed with each other. */
export const otherAlgorithm = (series: Pick<RateSeries, "slots">, algorithm: string): RateSource => {
  const name = revenueSeries(algorithm);
  return { kind: "hashpriceBtc", id: name, unit: "BTC/PH/day", slots: (range) => series.slots(name, range) };
};
