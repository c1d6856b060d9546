import type { LedgerAlgo, LedgerFigures } from "@hashwatt/protocol/ledger";
import { addCell, type Cell, noCell } from "../economics/ledgerCell.js";

/** Sums of a stretch by algorithm; the site's own part is under "". */
export type AlgoSums = ReadonlyMap<string, Cell>;

/** What a ledger says of a stretch: everything that can be added up over algorithms, and the work of each apart. */
export function ledgerFigures(
  byAlgo: AlgoSums,
  spanMs: number,
  siteLinesMicro: number | null,
): LedgerFigures {
  const all = noCell();
  for (const cell of byAlgo.values()) addCell(all, cell);
  const loaded = all.loadedProfitMicro;
  return {
    energyMwh: all.energyMwh,
    overheadMwh: all.overheadMwh,
    revenueMicro: all.revenueMicro,
    revenueMsat: all.revenueMsat,
    energyCostMicro: all.energyCostMicro,
    overheadCostMicro: all.overheadCostMicro,
    marginalProfitMicro: all.marginalProfitMicro,
    loadedProfitMicro: loaded === null ? null : loaded - (siteLinesMicro ?? 0),
    co2LocationMg: all.co2LocationMg,
    co2MarketMg: all.co2MarketMg,
    overheadCo2LocationMg: all.overheadCo2LocationMg,
    overheadCo2MarketMg: all.overheadCo2MarketMg,
    siteLinesMicro,
    coverage: {
      spanMs,
      energyMs: all.energyMs,
      hashMs: all.hashMs,
      earnedMs: all.earnedMs,
      earnedMsatMs: all.earnedMsatMs,
      pricedMs: all.pricedMs,
      profitMs: all.profitMs,
      overheadMs: all.overheadMs,
      loadedMs: all.loadedMs,
      weighedMs: all.weighedMs,
      weighedMarketMs: all.weighedMarketMs,
    },
    algos: [...byAlgo]
      .filter(([algo]) => algo !== "")
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([algo, cell]) => algoFigures(algo, cell)),
  };
}

function algoFigures(algo: string, cell: Cell): LedgerAlgo {
  const { hashTh, acceptedTh, hashMs, energyMwh, energyMs, revenueMicro, revenueMsat, earnedMs } = cell;
  const basis =
    hashTh === null ? null : acceptedTh === null ? "reported" : acceptedTh === hashTh ? "accepted" : "mixed";
  return {
    algo,
    hashTh,
    acceptedTh,
    basis,
    hashMs,
    energyMwh,
    energyMs,
    revenueMicro,
    revenueMsat,
    earnedMs,
  };
}

/** Adds sums of one stretch to those of another. */
export function addSums(into: Map<string, Cell>, byAlgo: AlgoSums): void {
  for (const [algo, cell] of byAlgo) {
    const held = into.get(algo) ?? noCell();
    addCell(held, cell);
    into.set(algo, held);
  }
}
