/** The series of what an algorithm earns, BTC per PH/s and day, by its name as rigs report it. */
export const revenueSeries = (algorithm: string): string =>
  `revenue/${algorithm
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64)}`;

/** The algorithm of such a series, as its name has it. */
export const algoOfSeries = (series: string): string => series.slice(series.indexOf("/") + 1);

/** The name of what pools leave of the hashprice of an algorithm that has its own, by its name in series. */
export const poolSeries = (algo: string): string => `poolFactor/${algo}`;

/**
 * What pools leave of SHA-256's hashprice before the firmware's fee. Of rigs whose fee was measured this counts, times what their own
 * firmware leaves.
 */
export const BEFORE_DEV_FEE = poolSeries("sha256");

/** The same, by the series of what it earns. */
export const poolOfRevenue = (series: string): string => poolSeries(algoOfSeries(series));

/** Which factor of an algorithm a name stands for. */
export const kindOfOther = (series: string): "hashprice" | "poolFactor" =>
  series.startsWith("poolFactor/") ? "poolFactor" : "hashprice";
