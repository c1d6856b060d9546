import type { Ledger, LedgerAlgo } from "@hashwatt/protocol/ledger";
import { expect, test } from "vitest";
import { periodFigures } from "./periodFigures.js";

const DAY_MS = 86_400_000;
/** Two rigs for a day, of 500 TH/s each; `algos` is what each of them works on. */
const ledgerOf = (...algos: string[]) => {
  const byAlgo = new Map<string, Pick<LedgerAlgo, "algo" | "hashTh" | "hashMs">>();
  for (const algo of algos) {
    const held = byAlgo.get(algo) ?? { algo, hashTh: 0, hashMs: 0 };
    const hashTh = held.hashTh! + (500 * DAY_MS) / 1_000;
    byAlgo.set(algo, { algo, hashTh, hashMs: held.hashMs + DAY_MS });
  }
  const earned = algos.filter((algo) => algo === "SHA256").length * DAY_MS;
  const coverage = { spanMs: algos.length * DAY_MS, earnedMsatMs: earned, pricedMs: algos.length * DAY_MS };
  const totals = { coverage, algos: [...byAlgo.values()], energyMwh: null, overheadMwh: null };
  return { totals, siteLines: [], zone: "UTC", fromMs: 0, toMs: DAY_MS } as unknown as Ledger;
};

test("rigs of another algorithm are no gap in what a pool pays in bitcoin, and add nothing to its hashrate", () => {
  expect(periodFigures(ledgerOf("SHA256"), [], "payout")).toMatchObject({ coverage: 1, hashrateThs: 500 });
  expect(periodFigures(ledgerOf("SHA256", "scrypt"), [], "payout")).toMatchObject({
    coverage: 1,
    hashrateThs: 500,
  });
  expect(periodFigures(ledgerOf("scrypt"), [], "payout")).toMatchObject({
    coverage: null,
    hashrateThs: null,
  });
  // A bill is of all of them.
  expect(periodFigures(ledgerOf("SHA256", "scrypt"), [], "bill").coverage).toBe(1);
});
