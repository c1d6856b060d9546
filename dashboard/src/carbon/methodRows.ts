import type { LedgerFigures } from "@hashwatt/protocol/ledger";

/** What one method makes of a period, mg CO2e; null = not known. */
export interface MethodRow {
  method: "location" | "market";
  rigs: number | null;
  overhead: number | null;
  together: number | null;
  /** For how long each is known, ms summed over rigs: of the overhead both its energy and the factor. */
  rigsMs: number;
  overheadMs: number;
}

/** Both methods by rigs and overhead. */
export function methodRows(totals: LedgerFigures): MethodRow[] {
  const { coverage } = totals;
  const row = (
    method: MethodRow["method"],
    rigs: number | null,
    overhead: number | null,
    rigsMs: number,
  ): MethodRow => ({
    method,
    rigs,
    overhead,
    together: rigs === null || overhead === null ? null : rigs + overhead,
    rigsMs,
    overheadMs: overhead === null ? 0 : Math.min(coverage.overheadMs, rigsMs),
  });
  return [
    row("location", totals.co2LocationMg, totals.overheadCo2LocationMg, coverage.weighedMs),
    row("market", totals.co2MarketMg, totals.overheadCo2MarketMg, coverage.weighedMarketMs),
  ];
}
