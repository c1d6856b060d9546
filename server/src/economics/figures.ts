import type { Sample } from "@hashwatt/protocol/sample";
import { efficiencyJPerTh } from "@hashwatt/protocol/units";
import { revenueSeries } from "../rates/hashprice/revenueSeries.js";

/** What one hour of a rig in its present state earns, costs and emits, in its site's currency; absent = unknown. */
export interface Figures {
  efficiencyJPerTh?: number;
  revenuePerH?: number;
  costPerH?: number;
  profitPerH?: number;
  co2KgPerH?: number;
}

/** The part of a site's rates that prices a rig; an absent one is unknown. */
export interface PricedBy {
  hashpricePerThH?: number;
  /** Of other algorithms than SHA-256, by the name of their series. */
  otherPerThH?: ReadonlyMap<string, number>;
  /** Of SHA-256 where the firmware's fee is measured by rig: before it, and with the rate that is set for other rigs. */
  rigPools?: { before: { perThH: number }; set: { perThH: number } };
  pricePerKwh?: number;
  kgCo2PerKwh?: number;
}

/** Names of the algorithm that the Bitcoin hashprice prices, in lower case. */
export const SHA256_NAMES = ["sha256", "sha-256", "sha256d", "sha-256d"] as const;
const SHA256: ReadonlySet<string> = new Set(SHA256_NAMES);

/** Whether an algorithm is the one that the Bitcoin hashprice prices; undefined when the rig does not say. */
export const isSha256 = (algo: string | undefined): boolean | undefined =>
  // Nearly all say it in lower case, and each reading is asked several times.
  algo === undefined ? undefined : SHA256.has(algo) || SHA256.has(algo.toLowerCase());

/** Names the series of what an algorithm earns; "" for the one that the Bitcoin hashprice prices. */
export const earnedBy = (algo: string): string => (isSha256(algo) ? "" : revenueSeries(algo));

/** What 1 TH/s of an algorithm earns in an hour; undefined where that, or the algorithm, is not known. */
export const perThH = (algo: string | undefined, by: PricedBy, devFee?: number): number | undefined =>
  isSha256(algo)
    ? ofSha256(by, devFee)
    : algo === undefined
      ? undefined
      : by.otherPerThH?.get(revenueSeries(algo));

/** Whether what an algorithm earns is known by a figure alone that is older than a day: no decision should rest on it. */
export const isOldFigure = (
  algo: string | undefined,
  { stale, otherStale }: { stale: boolean; otherStale?: ReadonlySet<string> },
): boolean =>
  isSha256(algo) ? stale : algo !== undefined && (otherStale?.has(revenueSeries(algo)) ?? false);

function ofSha256({ rigPools, hashpricePerThH }: PricedBy, devFee: number | undefined): number | undefined {
  if (!rigPools) return hashpricePerThH;
  return devFee === undefined ? rigPools.set.perThH : rigPools.before.perThH * (1 - devFee);
}

/**
 * Prices a reading: revenue = TH/s × hashprice of its algorithm, cost = kW × price, carbon = kW × factor. Marginal: energy
 * only. A figure with an unknown factor is unknown. `algo` is the sample's, else the evidence's; `devFee` what the
 * rig's firmware was measured to take, 0–1.
 */
export function figuresOf(
  sample: Pick<Sample, "hashrateThs" | "powerW">,
  algo: string | undefined,
  by: PricedBy,
  devFee?: number,
): Figures {
  const { hashrateThs, powerW } = sample;
  const figures: Figures = {};
  const earned = perThH(algo, by, devFee);
  if (hashrateThs !== undefined && earned !== undefined) figures.revenuePerH = hashrateThs * earned;
  if (powerW !== undefined) {
    if (by.pricePerKwh !== undefined) figures.costPerH = (powerW / 1000) * by.pricePerKwh;
    if (by.kgCo2PerKwh !== undefined) figures.co2KgPerH = (powerW / 1000) * by.kgCo2PerKwh;
    if (hashrateThs !== undefined) {
      const ratio = efficiencyJPerTh(powerW, hashrateThs);
      if (ratio !== undefined) figures.efficiencyJPerTh = ratio;
    }
  }
  if (figures.revenuePerH !== undefined && figures.costPerH !== undefined)
    figures.profitPerH = figures.revenuePerH - figures.costPerH;
  return figures;
}

/** Price per kWh at which `revenuePerH` pays just for `powerW`; undefined where nothing is drawn. */
export const breakEvenPerKwh = (revenuePerH: number, powerW: number): number | undefined =>
  powerW > 0 ? revenuePerH / (powerW / 1000) : undefined;
