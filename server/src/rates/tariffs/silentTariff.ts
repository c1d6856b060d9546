import { Zone } from "@hashwatt/protocol/zone";
import type { SiteRecord } from "../../store/state/state.js";
import type { Slot } from "../slot.js";
import { startOf } from "./energyPrice.js";
import { marketCurrency } from "./markets/market.js";
import type { Tariff } from "./tariff.js";

/** Why the tariffs of a site give no price for a moment, in words; undefined where there are none. */
export function silentTariff(
  tariffs: readonly Tariff[] | undefined,
  { zone, currency }: SiteRecord,
  nowMs: number,
  series: (name: string) => Slot | undefined,
): string | undefined {
  if (!tariffs?.length) return undefined;
  const at = Zone.of(zone);
  const valid = tariffs.find(
    ({ validFrom, validTo }) =>
      startOf(validFrom, at) <= nowMs && (validTo === undefined || nowMs < startOf(validTo, at)),
  );
  if (!valid) return "no tariff is valid now";
  if (valid.currency !== currency)
    return `tariff ${valid.id} is in ${valid.currency}, the site counts in ${currency}`;
  const { energy, id } = valid;
  if (energy.kind === "series") {
    const other = marketCurrency(series(energy.series)?.note);
    return other === undefined || other === currency
      ? `tariff ${id}: series "${energy.series}" has no price for this moment`
      : `tariff ${id}: series "${energy.series}" is in ${other}, the site counts in ${currency}`;
  }
  if (energy.kind === "tiered" || energy.kind === "capped")
    return `tariff ${id}: which price the billing period has reached is not known yet`;
  return undefined;
}
