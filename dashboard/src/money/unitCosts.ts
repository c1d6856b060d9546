import type { LedgerFigures } from "@hashwatt/protocol/ledger";

const DAY_MS = 86_400_000;
const MICRO = 1e6;
const MSAT = 1e11;

/** Ratios of a stretch, each from the time for which both of its sides are known; null = not known. Money in the currency's unit. */
export interface UnitCosts {
  /** Energy and, where it is known, overhead for a PH/s and day. */
  hashcost: number | null;
  /** What a PH/s and day earned, after pool fees. */
  hashRevenue: number | null;
  /** Energy and overhead for a bitcoin. */
  costPerBtc: number | null;
  /** Price per kWh, and of overhead, at which energy eats all revenue. */
  breakEvenPerKwh: number | null;
  /** Mean price that was paid for a kWh. */
  pricePerKwh: number | null;
  kgPerBtc: number | null;
  kwhPerBtc: number | null;
  /** Whether the overhead is in the costs. */
  withOverhead: boolean;
  /** For how much of the time with known energy the overhead is known, 0–1; the mean of that stands for all of it. */
  overheadShare: number | null;
  /** For how long both the cost and the bitcoin are known, ms summed over rigs. */
  costPerBtcMs: number;
  /** The same of carbon. */
  kgPerBtcMs: number;
  /** The algorithm that the ratios are of. */
  algo: string | null;
}

/** A sum per ms of the time for which it is known. */
const rate = (amount: number | null, knownMs: number): number | null =>
  amount === null || knownMs <= 0 ? null : amount / knownMs;
const over = (a: number | null, b: number | null): number | null =>
  a === null || b === null || b === 0 ? null : a / b;

/**
 * What the work of a stretch cost and earned per unit. Sums are divided by the time for which each is known before they are set against each
 * other, so that a gap in one of them bends no ratio. Of a site with several algorithms the ratios are of the one that is named, else of the
 * one that earns bitcoin, with its share of the energy.
 */
export function unitCosts(figures: LedgerFigures, named?: string): UnitCosts {
  const { coverage, algos } = figures;
  const algo =
    named === undefined
      ? (algos.find(({ revenueMsat }) => revenueMsat !== null && revenueMsat > 0) ??
        (algos.length === 1 ? algos[0] : undefined))
      : algos.find((each) => each.algo === named);
  const energyRate = rate(figures.energyMwh, coverage.energyMs);
  const algoEnergyRate = algo ? rate(algo.energyMwh, algo.energyMs) : null;
  // Rig-time of both alike: of one algorithm its share of the energy is its share of the cost.
  const share = !algo || algos.length === 1 ? 1 : over(algo.energyMwh, figures.energyMwh);
  const withOverhead = figures.overheadCostMicro !== null && coverage.overheadMs > 0;
  const energyCost = rate(figures.energyCostMicro, coverage.pricedMs);
  const overheadCost = withOverhead ? rate(figures.overheadCostMicro, coverage.overheadMs) : 0;
  const cost = energyCost === null || overheadCost === null ? null : energyCost + overheadCost;
  const hashRate = algo ? rate(algo.hashTh, algo.hashMs) : null;
  const ofAlgo = (value: number | null): number | null =>
    value === null || share === null ? null : value * share;
  // Rates of the whole are over all rigs' time; those of an algorithm over its own.
  const perAlgoMs = (value: number | null): number | null =>
    value === null || !algo || algos.length === 1 || algo.energyMs === 0
      ? value
      : (value * coverage.energyMs) / algo.energyMs;
  const algoCost = perAlgoMs(ofAlgo(cost));
  const revenue = algo ? rate(algo.revenueMicro, algo.earnedMs) : null;
  const btc = algo ? rate(algo.revenueMsat, algo.earnedMsatMs) : null;
  const overheadFactor =
    withOverhead && energyRate ? 1 + (rate(figures.overheadMwh, coverage.overheadMs) ?? 0) / energyRate : 1;
  const kg = rate(figures.co2LocationMg, coverage.weighedMs);
  const kgAll = kg === null ? null : kg * overheadFactor;
  // hashTh is TH/s × s, per ms of rig time.
  const phDayPerMs = hashRate === null ? null : hashRate / 1e3 / (DAY_MS / 1e3);
  const btcPerMs = btc === null ? null : btc / MSAT;
  const kwhPerMs = algoEnergyRate === null ? null : algoEnergyRate / MICRO;
  return {
    hashcost: over(algoCost === null ? null : algoCost / MICRO, phDayPerMs),
    hashRevenue: over(revenue === null ? null : revenue / MICRO, phDayPerMs),
    costPerBtc: over(algoCost === null ? null : algoCost / MICRO, btcPerMs),
    breakEvenPerKwh: over(
      revenue === null ? null : revenue / MICRO,
      kwhPerMs === null ? null : kwhPerMs * overheadFactor,
    ),
    pricePerKwh: over(
      energyCost === null ? null : energyCost / MICRO,
      energyRate === null ? null : energyRate / MICRO,
    ),
    kgPerBtc: over(perAlgoMs(ofAlgo(kgAll === null ? null : kgAll / MICRO)), btcPerMs),
    kwhPerBtc: over(kwhPerMs === null ? null : kwhPerMs * overheadFactor, btcPerMs),
    withOverhead,
    overheadShare: coverage.energyMs > 0 ? Math.min(1, coverage.overheadMs / coverage.energyMs) : null,
    costPerBtcMs: Math.min(coverage.pricedMs, coverage.earnedMsatMs),
    kgPerBtcMs: Math.min(coverage.weighedMs, coverage.earnedMsatMs),
    algo: algo?.algo ?? null,
  };
}
