import type { Ledger, LedgerAlgo, SiteLine } from "@hashwatt/protocol/ledger";
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

test("a charge that nobody knows makes what they come to unknown, never less", () => {
  const line = (kind: SiteLine["kind"], amountMicro: number | null, more: Partial<SiteLine> = {}) =>
    ({ kind, amountMicro, fromMs: 0, toMs: DAY_MS, why: { formula: "fixed" }, ...more }) as SiteLine;
  const chargesOf = (...siteLines: SiteLine[]) => {
    const told = periodFigures({ ...ledgerOf("SHA256"), siteLines }, [], "bill");
    return [told.demandMillionths, told.fixedMillionths];
  };
  const known = [line("demand", 7_000_000), line("fixed", 3_000_000), line("credit", -1_000_000)];
  expect(chargesOf(...known)).toEqual([7_000_000, 2_000_000]);
  expect(chargesOf(...known, line("fixed", null))).toEqual([7_000_000, null]);
  expect(chargesOf(...known, line("credit", null))).toEqual([7_000_000, null]);
  expect(chargesOf(...known, line("demand", null))).toEqual([null, 2_000_000]);
  // Of another period nothing is owed in this one, known or not.
  const later = { fromMs: DAY_MS, toMs: 2 * DAY_MS };
  expect(chargesOf(...known, line("fixed", null, later))).toEqual([7_000_000, 2_000_000]);
  expect(chargesOf()).toEqual([null, null]);
});

test("what a site costs each month besides is not what its utility bills", () => {
  const line = (formula: SiteLine["why"]["formula"], amountMicro: number) =>
    ({ kind: "fixed", amountMicro, fromMs: 0, toMs: DAY_MS, why: { formula } }) as SiteLine;
  const { fixedMillionths } = periodFigures(
    { ...ledgerOf("SHA256"), siteLines: [line("monthlyCost", 20_000), line("fixed", 300)] },
    [],
    "bill",
  );
  expect(fixedMillionths).toBe(300);
  expect(
    periodFigures({ ...ledgerOf("SHA256"), siteLines: [line("monthlyCost", 20_000)] }, [], "bill"),
  ).toMatchObject({ fixedMillionths: null });
});

test("how much of the energy is known is told beside how much of it is priced", () => {
  const ledger = ledgerOf("SHA256");
  Object.assign(ledger.totals.coverage, { energyMs: DAY_MS, pricedMs: DAY_MS / 2 });
  expect(periodFigures(ledger, [], "bill")).toMatchObject({ coverage: 0.5, energyCoverage: 1 });
});
