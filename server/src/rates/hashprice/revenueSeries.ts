/** The series of what an algorithm earns, BTC per PH/s and day, by its name as rigs report it. */
export const revenueSeries = (algorithm: string): string =>
  `revenue/${algorithm
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64)}`;

/** The algorithm of such a series, as its name has it. */
export const algoOfSeries = (series: string): string => series.slice(series.indexOf("/") + 1);
