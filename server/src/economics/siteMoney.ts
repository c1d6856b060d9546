import { perThHour } from "../rates/hashprice/formula.js";
import { meanOver, type Slot } from "../rates/slot.js";

/** Means of a site over one step; null = nothing measured. */
export interface SiteStep {
  startMs: number;
  stepMs: number;
  /** Of the algorithm that the hashprice prices. */
  hashrateThs: number | null;
  /** Of the site's meters, else of all rigs. */
  powerW: number | null;
}

/** What prices a site over a range, each in slots. The hashprice is per PH/s and day. */
export interface SiteSlots {
  hashprice: readonly Slot[];
  price: readonly Slot[];
  carbon: readonly Slot[];
}

/** Money and carbon per hour of one step, in the site's currency; null = an input is unknown for all or part of it. */
export interface SiteMoney {
  revenuePerH: number | null;
  costPerH: number | null;
  profitPerH: number | null;
  co2KgPerH: number | null;
}

const times = (amount: number | null, rate: number | undefined): number | null =>
  amount === null || rate === undefined ? null : amount * rate;

/** Prices one step: mean hashrate × mean hashprice, mean power × mean price, mean power × mean factor over the step. */
export function siteMoney(step: SiteStep, slots: SiteSlots): SiteMoney {
  const range = { fromMs: step.startMs, toMs: step.startMs + step.stepMs };
  const hashprice = meanOver(slots.hashprice, range);
  const kw = step.powerW === null ? null : step.powerW / 1000;
  const revenuePerH = times(step.hashrateThs, hashprice === undefined ? undefined : perThHour(hashprice));
  const costPerH = times(kw, meanOver(slots.price, range));
  return {
    revenuePerH,
    costPerH,
    profitPerH: revenuePerH === null || costPerH === null ? null : revenuePerH - costPerH,
    co2KgPerH: times(kw, meanOver(slots.carbon, range)),
  };
}
