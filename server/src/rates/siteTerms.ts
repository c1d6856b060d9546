import type { CarbonContract } from "./carbon/contract.js";
import type { Overhead } from "./overhead/overhead.js";
import type { Pool } from "./pools/pool.js";
import type { RateKind } from "./slot.js";
import type { Tariff } from "./tariffs/tariff.js";

/** What an operator has set for a site, each with dates of its own; what is absent is not set. */
export interface SiteTerms {
  tariffs?: readonly Tariff[];
  pools?: readonly Pool[];
  overheads?: readonly Overhead[];
  /** Energy contracted for apart from the grid's mix. */
  contracts?: readonly CarbonContract[];
}

/** Which rates rest on which terms. */
export const RATES_OF_TERMS: Record<keyof SiteTerms, RateKind> = {
  tariffs: "price",
  pools: "poolFactor",
  overheads: "overhead",
  contracts: "carbonMarket",
};
