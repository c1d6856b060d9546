import type { TariffRecord } from "../../store/state/state.js";
import { type RateSource, slotsFromRecords } from "../slot.js";

/**
 * Energy price of a site from its dated flat tariffs. A record in another currency than the site counts in leaves a gap:
 * a price is not converted without a dated rate.
 */
export function flatTariff(tariffs: readonly TariffRecord[], currency: string): RateSource {
  return {
    kind: "price",
    id: "flat",
    unit: `${currency}/kWh`,
    slots: (range) =>
      slotsFromRecords(
        tariffs,
        range,
        (tariff) => tariff.validFromMs,
        (tariff) =>
          tariff.currency === currency
            ? {
                value: tariff.pricePerKwh,
                source: tariff.source,
                asOfMs: tariff.validFromMs,
                ...(tariff.demo && { demo: true }),
              }
            : undefined,
      ),
  };
}
