import type { Tier } from "./tariff.js";

/** The tier that the next kWh belongs to after `usedKwh` of a billing period. Expects tiers in order, the last without an end. */
export const tierAt = (tiers: readonly Tier[], usedKwh: number): Tier =>
  tiers.find(({ upToKwh }) => upToKwh === undefined || usedKwh < upToKwh) ?? tiers.at(-1)!;

/** What `kwh` cost after `usedKwh` of the same billing period: each part at the price of the tier that it falls into. */
export function tieredCost(tiers: readonly Tier[], usedKwh: number, kwh: number): number {
  let cost = 0;
  let at = usedKwh;
  const end = usedKwh + kwh;
  for (const { upToKwh, price } of tiers) {
    const top = Math.min(end, upToKwh ?? Number.POSITIVE_INFINITY);
    if (top <= at) continue;
    cost += (top - at) * price;
    at = top;
  }
  return cost;
}

/** What a block of `kwh` costs by the prices that hold below and above a cap. */
export function cappedCost(
  capKwh: number,
  below: number,
  above: number,
  usedKwh: number,
  kwh: number,
): number {
  return tieredCost([{ upToKwh: capKwh, price: below }, { price: above }], usedKwh, kwh);
}
