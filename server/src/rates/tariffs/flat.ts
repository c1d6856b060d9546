import type { SiteRecord, TariffRecord } from "../../store/state/state.js";
import { type RateSource, slotsFromRecords } from "../slot.js";

/**
 * Energy price of a site from its dated flat tariffs. A record in another currency than the site counts in leaves a gap:
 * a price is not converted without a dated rate. The invented price of the simulated fleet is none for a site that is not
 * `demo` any more.
 */
export function flatTariff(
  tariffs: readonly TariffRecord[],
  { currency, demo }: Pick<SiteRecord, "currency" | "demo">,
): RateSource {
  return {
    kind: "price",
    id: "flat",
    unit: `${currency}/kWh`,
    slots: (range) =>
      slotsFromRecords(
        demo ? tariffs : tariffs.filter((tariff) => !tariff.demo),
        range,
        (tariff) => tariff.validFromMs,
        (tariff) =>
          tariff.currency === currency
            ? {
                value: tariff.pricePerKwh,
                source: tariff.source,
                // What holds since ever was invented, and on no day.
                asOfMs: tariff.validFromMs === 0 ? null : tariff.validFromMs,
                ...(tariff.demo && { demo: true }),
              }
            : undefined,
      ),
  };
}
