import { Zone } from "@hashwatt/protocol/zone";
import { z } from "zod";
import { defectsOf } from "../rates/tariffs/checkTariff.js";
import { type Tariff, tariffSchema } from "../rates/tariffs/tariff.js";

/** Kinds whose price depends on what is not known from the clock alone. */
const NEEDS_MORE: Partial<Record<Tariff["energy"]["kind"], string>> = {
  tiered:
    "depends on the consumption of the billing period, which a price of the moment is not made of; give its last tier as flat",
  capped:
    "depends on the consumption of the billing period, which a price of the moment is not made of; give one price as flat",
  series: "needs prices of a market, which a config file does not hold",
};

/** The tariffs of a site, one after another. */
export const tariffsSchema = z.array(tariffSchema).min(1).max(100);

/** What is wrong with tariffs of the right shape, the first only, with the path of its key; undefined = nothing. */
export function tariffsProblem(
  tariffs: readonly Tariff[],
  zoneName: string,
  currency: string,
): { key: string; message: string } | undefined {
  const zone = Zone.of(zoneName);
  for (const [i, tariff] of tariffs.entries()) {
    const key = `tariffs[${i}]`;
    const needs = NEEDS_MORE[tariff.energy.kind];
    if (needs !== undefined) return { key: `${key}.energy.kind`, message: `${tariff.energy.kind} ${needs}` };
    if (tariff.currency !== currency)
      return { key: `${key}.currency`, message: `is ${tariff.currency}, but the site counts in ${currency}` };
    const [defect] = defectsOf(tariff, zone);
    if (defect !== undefined)
      return {
        key: `${key}.${defect.slice(0, defect.indexOf(":"))}`,
        message: defect.slice(defect.indexOf(":") + 2),
      };
  }
  const byStart = tariffs.toSorted((a, b) => a.validFrom.localeCompare(b.validFrom));
  for (const [i, tariff] of byStart.entries()) {
    const next = byStart[i + 1];
    if (next && (tariff.validTo === undefined || tariff.validTo > next.validFrom))
      return {
        key: "tariffs",
        message: `"${tariff.id}" and "${next.id}" are both valid on ${next.validFrom}; end the first with validTo: ${next.validFrom}`,
      };
  }
  return undefined;
}
