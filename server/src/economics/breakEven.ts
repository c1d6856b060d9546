import { blocksPerPhDay } from "../rates/hashprice/formula.js";

/**
 * What a rig, a model or a fleet is worth at: `hashpricePerPhDay` before pool fees, `poolFactor` what is left after them (0–1),
 * `efficiencyJPerTh` at the plug (of a fleet ΣW / ΣTH), `overhead` the factor ≥ 1 on energy at the plug. All in one currency.
 */
export interface Mining {
  hashpricePerPhDay: number;
  poolFactor: number;
  efficiencyJPerTh: number;
  overhead: number;
}

/** kWh that 1 PH/s draws in a day, overhead with it. */
export const kwhPerPhDay = ({ efficiencyJPerTh, overhead }: Pick<Mining, "efficiencyJPerTh" | "overhead">) =>
  efficiencyJPerTh * 24 * overhead;

/** What 1 PH/s costs in a day at a price per kWh. */
export const hashcostPerPhDay = (
  mining: Pick<Mining, "efficiencyJPerTh" | "overhead">,
  pricePerKwh: number,
): number => kwhPerPhDay(mining) * pricePerKwh;

/**
 * The price per kWh at which revenue just pays for energy: below it an hour earns, above it costs. Undefined where nothing is drawn.
 * Asked with marginal inputs it is the threshold for running at all.
 */
export function breakEvenPrice(mining: Mining): number | undefined {
  const kwh = kwhPerPhDay(mining);
  return kwh > 0 ? (mining.hashpricePerPhDay * mining.poolFactor) / kwh : undefined;
}

/** The difficulty at which 1 PH/s just pays for its energy. `btcPrice` in the currency of `pricePerKwh`. */
export function breakEvenDifficulty(
  mining: Omit<Mining, "hashpricePerPhDay">,
  by: { pricePerKwh: number; btcPrice: number; rewardBtc: number },
): number | undefined {
  const cost = hashcostPerPhDay(mining, by.pricePerKwh);
  // Blocks a day fall as difficulty rises: at difficulty 1 they are those of one.
  return cost > 0 ? (blocksPerPhDay(1) * by.rewardBtc * by.btcPrice * mining.poolFactor) / cost : undefined;
}

/** The price of one BTC at which 1 PH/s just pays for its energy. */
export function breakEvenBtcPrice(
  mining: Omit<Mining, "hashpricePerPhDay">,
  by: { pricePerKwh: number; btcPerPhDay: number },
): number | undefined {
  const btc = by.btcPerPhDay * mining.poolFactor;
  return btc > 0 ? hashcostPerPhDay(mining, by.pricePerKwh) / btc : undefined;
}
