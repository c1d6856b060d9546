import type { Ledger, LedgerFigures, SiteLine } from "@hashwatt/protocol/ledger";
import { Zone } from "@hashwatt/protocol/zone";
import { isSha256 } from "../economics/figures.js";
import { sumOf } from "../ledger/ledgerFold.js";
import { OwedLines } from "../ledger/siteCharges.js";
import { type Pool, poolAlgo } from "../rates/pools/pool.js";
import type { TimeRange } from "../rates/slot.js";
import { startOf } from "../rates/tariffs/energyPrice.js";
import type { PeriodFigures } from "./reconcile.js";

/** The pool that SHA-256 is mined at at an instant: of its own that are valid, else of those of no algorithm, the one that began last. */
export function poolAt(pools: readonly Pool[], zone: Zone, atMs: number): Pool | undefined {
  const valid = pools.filter(
    ({ validFrom, validTo }) =>
      startOf(validFrom, zone) <= atMs && (validTo === undefined || atMs < startOf(validTo, zone)),
  );
  const of = (algo: string) =>
    valid
      .filter((pool) => poolAlgo(pool) === algo)
      .sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1))
      .at(-1);
  return of("sha256") ?? of("");
}

const share = (knownMs: number, spanMs: number): number | null =>
  spanMs > 0 ? Math.min(1, knownMs / spanMs) : null;
/** What lines of some kinds come to; null where there are none, or where one that falls into the period is not known: the others alone would be less. */
function sumLines(
  lines: readonly SiteLine[],
  kinds: readonly SiteLine["kind"][],
  within: TimeRange,
): number | null {
  const of = lines.filter(({ kind }) => kinds.includes(kind));
  const { fromMs: startMs, toMs: endMs } = within;
  if (new OwedLines(of, within).owesUnknown({ startMs, endMs })) return null;
  return sumOf(of.map(({ amountMicro }) => amountMicro));
}

/** What a period's ledger comes to for a comparison with what a pool paid or a utility billed. `coverage` is of what is compared. */
export function periodFigures(
  {
    totals,
    siteLines,
    zone,
    fromMs,
    toMs,
  }: Pick<Ledger, "totals" | "siteLines" | "zone" | "fromMs" | "toMs">,
  pools: readonly Pool[],
  of: "payout" | "bill" | "meter",
  devFeeOf: (set: number) => number = (set) => set,
): PeriodFigures {
  const { coverage }: LedgerFigures = totals;
  const pool = poolAt(pools, Zone.of(zone), fromMs);
  const devFee = devFeeOf((pool?.devFeePercent ?? 0) / 100);
  const work = totals.algos.find(({ algo }) => isSha256(algo));
  // What pays bitcoin are the rigs of SHA-256: those that worked on another algorithm are no gap of theirs.
  const others = totals.algos.filter(({ algo }) => !isSha256(algo));
  const spanMs = coverage.spanMs - others.reduce((sum, { hashMs }) => sum + hashMs, 0);
  const knownShare = work ? share(work.hashMs, spanMs) : null;
  const meanThs =
    work && work.hashTh !== null && knownShare ? work.hashTh / ((toMs - fromMs) / 1_000) / knownShare : null;
  const knownMs = { payout: coverage.earnedMsatMs, bill: coverage.pricedMs, meter: coverage.energyMs }[of];
  const overheadFactor =
    totals.energyMwh && totals.overheadMwh !== null ? 1 + totals.overheadMwh / totals.energyMwh : null;
  return {
    coverage: share(knownMs, of === "payout" ? spanMs : coverage.spanMs),
    energyCoverage: share(coverage.energyMs, coverage.spanMs),
    btcMsat: totals.revenueMsat,
    // What a pool credits has no share of the firmware's maker in it.
    hashrateThs: meanThs === null ? null : meanThs * (1 - devFee),
    feeRatio: pool ? pool.feePercent / 100 : null,
    devFeeRatio: null,
    luckRatio: null,
    energyWh: totals.energyMwh === null ? null : Math.round(totals.energyMwh / 1_000),
    costMillionths: totals.energyCostMicro,
    overheadFactor,
    demandMillionths: sumLines(siteLines, ["demand"], { fromMs, toMs }),
    // Rent and wages are no affair of the utility's.
    fixedMillionths: sumLines(
      siteLines.filter(({ why }) => why.formula !== "monthlyCost"),
      ["fixed", "credit"],
      { fromMs, toMs },
    ),
  };
}
