import type { Zone } from "@hashwatt/protocol/zone";
import type { RateSource } from "../slot.js";
import { EnergyPricer, type PriceContext, startOf } from "./energyPrice.js";
import type { Tariff } from "./tariff.js";

/** What prices of a tariff may rest on beside the clock. */
export type ContextOf = (tariff: Tariff) => PriceContext;

/**
 * Energy price of a site from its tariffs: of one more kWh, which is what a running rig costs. Where none is valid there is a gap, and
 * so there is for one in another currency than the site counts in.
 */
export function siteTariffs(
  tariffs: readonly Tariff[],
  currency: string,
  zone: Zone,
  contextOf: ContextOf = () => ({}),
): RateSource {
  const pricers = tariffs
    .filter((tariff) => tariff.currency === currency)
    .sort((a, b) => startOf(a.validFrom, zone) - startOf(b.validFrom, zone))
    .map((tariff) => new EnergyPricer(tariff, zone));
  return {
    kind: "price",
    id: "tariff",
    unit: `${currency}/kWh`,
    slots: (range) => pricers.flatMap((pricer) => pricer.slots(range, contextOf(pricer.tariff))),
  };
}
