import type { Ledger } from "@hashwatt/protocol/ledger";
import { expect, it } from "vitest";
import { marketWord } from "./marketWord.js";

const HOUR_MS = 3_600_000;
/** A day of Shanghai, which begins in the evening before by UTC. */
const DAY = { fromMs: Date.parse("2026-08-01T00:00+08:00"), toMs: Date.parse("2026-08-02T00:00+08:00") };
const ledger = (co2MarketMg: number | null, energyMs = HOUR_MS) =>
  ({ ...DAY, zone: "Asia/Shanghai", totals: { co2MarketMg, coverage: { energyMs } } }) as Ledger;

it("says that no contract is set where none is, and of one that is set that something of it is not known", () => {
  expect(marketWord(ledger(null), [])).toBe("carbon.marketNone");
  expect(marketWord(ledger(null), [{ validFrom: "2026-08-01" }])).toBe("carbon.marketUnknown");
  // One that has ended or has yet to begin is none of the period.
  const others = [{ validFrom: "2026-07-01", validTo: "2026-08-01" }, { validFrom: "2026-08-02" }];
  expect(marketWord(ledger(null), others)).toBe("carbon.marketNone");
});

it("says how the figure is made where it is known, where nothing was drawn, and while contracts are not known", () => {
  expect(marketWord(ledger(1), [])).toBe("carbon.marketNote");
  expect(marketWord(ledger(null, 0), [])).toBe("carbon.marketNote");
  expect(marketWord(ledger(null), undefined)).toBe("carbon.marketNote");
});
