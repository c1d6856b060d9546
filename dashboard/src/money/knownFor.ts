import { shareOf } from "./hourGrid.js";
import type { MoneyWords } from "./moneyWords.js";

/** For how much of the time a sum is known, in words; for all of it only where nothing is missing. */
export function knownFor(
  { t, format }: Pick<MoneyWords, "t" | "format">,
  knownMs: number,
  spanMs: number,
): string {
  const share = shareOf(knownMs, spanMs);
  if (share === null || share === 0) return t("money.knownNone");
  if (share === 1) return t("money.knownWhole");
  return t("money.knownFor", { share: format.percent(share).text });
}
