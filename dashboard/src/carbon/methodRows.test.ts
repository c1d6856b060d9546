import type { LedgerFigures } from "@hashwatt/protocol/ledger";
import { expect, it } from "vitest";
import { methodRows } from "./methodRows.js";

it("say of how much of the time the overhead is known, which is in their sum", () => {
  const coverage = { spanMs: 100, weighedMs: 100, weighedMarketMs: 5, overheadMs: 10 };
  const totals = {
    coverage,
    ...{ co2LocationMg: 1_000, overheadCo2LocationMg: 7 },
    ...{ co2MarketMg: 40, overheadCo2MarketMg: null },
  } as LedgerFigures;
  expect(methodRows(totals)).toEqual([
    { method: "location", rigs: 1_000, overhead: 7, together: 1_007, rigsMs: 100, overheadMs: 10 },
    { method: "market", rigs: 40, overhead: null, together: null, rigsMs: 5, overheadMs: 0 },
  ]);
  const known = methodRows({ ...totals, overheadCo2MarketMg: 2 });
  expect(known[1]).toMatchObject({ together: 42, rigsMs: 5, overheadMs: 5 });
});
