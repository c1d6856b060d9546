import type { Rates } from "../rates.js";
import type { TimeRange } from "../slot.js";

/**
 * Whether contracts of a site supply something in a range whatever is drawn: how much of a load it covers is then known only where the
 * load is.
 */
export const needsLoad = (rates: Pick<Rates, "supplies">, site: string, range: TimeRange): boolean =>
  rates.supplies(site, range, 0)?.some(({ kwh }) => kwh > 0) ?? false;
