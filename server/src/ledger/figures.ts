import type { LedgerAlgo, LedgerFigures, LedgerRow } from "@hashwatt/protocol/ledger";
import { addCell, noCell } from "../economics/cellSums.js";
import type { Cell } from "../economics/ledgerCell.js";

/** Sums of a stretch by algorithm; the site's own part is under "". */
export type AlgoSums = ReadonlyMap<string, Cell>;

/** What a ledger says of a stretch: everything that can be added up over algorithms, and the work of each apart. */
export function ledgerFigures(
  byAlgo: AlgoSums,
  spanMs: number,
  siteLinesMicro: number | null,
): LedgerFigures {
  const all = wholeOf(byAlgo);
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
    algos: algosOf(byAlgo),
  };
}

/** Each algorithm by its name; the site's own part is none. */
function algosOf(byAlgo: AlgoSums): LedgerAlgo[] {
  const algos: LedgerAlgo[] = [];
  for (const [algo, cell] of byAlgo) if (algo !== "") algos.push(algoFigures(algo, cell));
  return algos.length > 1 ? algos.sort((a, b) => (a.algo < b.algo ? -1 : 1)) : algos;
}

/** The row of a stretch. Every field by its name: a spread costs ten times as much, and a year has thousands of rows. */
export function ledgerRow(
  { startMs, endMs, partial }: Pick<LedgerRow, "startMs" | "endMs" | "partial">,
  figures: LedgerFigures,
): LedgerRow {
  return {
    startMs,
    endMs,
    partial,
    energyMwh: figures.energyMwh,
    overheadMwh: figures.overheadMwh,
    revenueMicro: figures.revenueMicro,
    revenueMsat: figures.revenueMsat,
    energyCostMicro: figures.energyCostMicro,
    overheadCostMicro: figures.overheadCostMicro,
    marginalProfitMicro: figures.marginalProfitMicro,
    loadedProfitMicro: figures.loadedProfitMicro,
    co2LocationMg: figures.co2LocationMg,
    co2MarketMg: figures.co2MarketMg,
    overheadCo2LocationMg: figures.overheadCo2LocationMg,
    overheadCo2MarketMg: figures.overheadCo2MarketMg,
    siteLinesMicro: figures.siteLinesMicro,
    coverage: figures.coverage,
    algos: figures.algos,
  };
}

/** The sums of all algorithms; where there is one they are its own. */
function wholeOf(byAlgo: AlgoSums): Readonly<Cell> {
  if (byAlgo.size === 1) for (const cell of byAlgo.values()) return cell;
  const all = noCell();
  for (const cell of byAlgo.values()) addCell(all, cell);
  return all;
}

function algoFigures(algo: string, cell: Cell): LedgerAlgo {
  const { hashTh, acceptedTh, hashMs, energyMwh, energyMs } = cell;
  const { revenueMicro, revenueMsat, earnedMs, earnedMsatMs } = cell;
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
    earnedMsatMs,
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
