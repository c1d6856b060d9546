import type { Ledger } from "@hashwatt/protocol/ledger";
import { shareOf } from "./hourGrid.js";
import type { MoneyWords } from "./moneyWords.js";
import type { UnitCosts } from "./unitCosts.js";

/** Whether every hour of the range is in the ledger, and none waits to be priced anew. */
export function isWhole({
  fromMs,
  toMs,
  due,
  rows,
}: Pick<Ledger, "fromMs" | "toMs" | "due" | "rows">): boolean {
  const pricedMs = rows.reduce(
    (sum, { startMs, endMs, partial }) => sum + (partial ? 0 : endMs - startMs),
    0,
  );
  return due.length === 0 && pricedMs >= toMs - fromMs;
}

/**
 * For how much of the time a sum is known, in words; for all of it only where nothing is missing. What is not priced yet counts on
 * neither side: where there is such time (`whole` is false), the words say that they are of what is priced.
 */
export function knownFor(
  { t, format }: Pick<MoneyWords, "t" | "format">,
  knownMs: number,
  spanMs: number,
  whole: boolean,
): string {
  const share = shareOf(knownMs, spanMs);
  if (share === null || share === 0) return t("money.knownNone");
  if (share === 1) return t(whole ? "money.knownWhole" : "money.knownPriced");
  return t(whole ? "money.knownFor" : "money.knownForPriced", { share: format.percent(share).text });
}

/** Of how much of the time the overhead is known that a ratio has in it. */
export function overheadKnown(
  { t, format }: Pick<MoneyWords, "t" | "format">,
  { withOverhead, overheadShare }: Pick<UnitCosts, "withOverhead" | "overheadShare">,
): string {
  if (!withOverhead || !overheadShare) return t("money.hashcostWithout");
  if (overheadShare === 1) return t("money.hashcostWith");
  return t("money.hashcostPart", { share: format.percent(overheadShare).text });
}
