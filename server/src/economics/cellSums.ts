import type { Cell } from "./ledgerCell.js";

// Every column by its name here: a year of a site has thousands of cells, and a loop over names costs ten times as much.

/** Sums of no cell. */
export const noCell = (): Cell => ({
  energyMwh: null,
  overheadMwh: null,
  hashTh: null,
  acceptedTh: null,
  revenueMicro: null,
  revenueMsat: null,
  energyCostMicro: null,
  overheadCostMicro: null,
  marginalProfitMicro: null,
  loadedProfitMicro: null,
  co2LocationMg: null,
  co2MarketMg: null,
  overheadCo2LocationMg: null,
  overheadCo2MarketMg: null,
  energyMs: 0,
  hashMs: 0,
  earnedMs: 0,
  earnedMsatMs: 0,
  pricedMs: 0,
  profitMs: 0,
  overheadMs: 0,
  loadedMs: 0,
  weighedMs: 0,
  weighedMarketMs: 0,
});

/** Adds a cell to sums. What is unknown adds nothing, and to no coverage. */
export function addCell(sums: Cell, cell: Readonly<Cell>): void {
  sums.energyMwh = plus(sums.energyMwh, cell.energyMwh);
  sums.overheadMwh = plus(sums.overheadMwh, cell.overheadMwh);
  sums.hashTh = plus(sums.hashTh, cell.hashTh);
  sums.acceptedTh = plus(sums.acceptedTh, cell.acceptedTh);
  sums.revenueMicro = plus(sums.revenueMicro, cell.revenueMicro);
  sums.revenueMsat = plus(sums.revenueMsat, cell.revenueMsat);
  sums.energyCostMicro = plus(sums.energyCostMicro, cell.energyCostMicro);
  sums.overheadCostMicro = plus(sums.overheadCostMicro, cell.overheadCostMicro);
  sums.marginalProfitMicro = plus(sums.marginalProfitMicro, cell.marginalProfitMicro);
  sums.loadedProfitMicro = plus(sums.loadedProfitMicro, cell.loadedProfitMicro);
  sums.co2LocationMg = plus(sums.co2LocationMg, cell.co2LocationMg);
  sums.co2MarketMg = plus(sums.co2MarketMg, cell.co2MarketMg);
  sums.overheadCo2LocationMg = plus(sums.overheadCo2LocationMg, cell.overheadCo2LocationMg);
  sums.overheadCo2MarketMg = plus(sums.overheadCo2MarketMg, cell.overheadCo2MarketMg);
  sums.energyMs += cell.energyMs;
  sums.hashMs += cell.hashMs;
  sums.earnedMs += cell.earnedMs;
  sums.earnedMsatMs += cell.earnedMsatMs;
  sums.pricedMs += cell.pricedMs;
  sums.profitMs += cell.profitMs;
  sums.overheadMs += cell.overheadMs;
  sums.loadedMs += cell.loadedMs;
  sums.weighedMs += cell.weighedMs;
  sums.weighedMarketMs += cell.weighedMarketMs;
}

/** The cell whose columns begin at a place, amounts before times; NaN is an amount that is unknown. */
export const cellFrom = (columns: Float64Array, at: number): Cell => ({
  energyMwh: known(columns[at]!),
  overheadMwh: known(columns[at + 1]!),
  hashTh: known(columns[at + 2]!),
  acceptedTh: known(columns[at + 3]!),
  revenueMicro: known(columns[at + 4]!),
  revenueMsat: known(columns[at + 5]!),
  energyCostMicro: known(columns[at + 6]!),
  overheadCostMicro: known(columns[at + 7]!),
  marginalProfitMicro: known(columns[at + 8]!),
  loadedProfitMicro: known(columns[at + 9]!),
  co2LocationMg: known(columns[at + 10]!),
  co2MarketMg: known(columns[at + 11]!),
  overheadCo2LocationMg: known(columns[at + 12]!),
  overheadCo2MarketMg: known(columns[at + 13]!),
  energyMs: columns[at + 14]!,
  hashMs: columns[at + 15]!,
  earnedMs: columns[at + 16]!,
  earnedMsatMs: columns[at + 17]!,
  pricedMs: columns[at + 18]!,
  profitMs: columns[at + 19]!,
  overheadMs: columns[at + 20]!,
  loadedMs: columns[at + 21]!,
  weighedMs: columns[at + 22]!,
  weighedMarketMs: columns[at + 23]!,
});

const plus = (sum: number | null, amount: number | null): number | null =>
  amount === null ? sum : sum === null ? amount : sum + amount;
const known = (amount: number): number | null => (Number.isNaN(amount) ? null : amount);
