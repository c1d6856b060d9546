import { isDeepStrictEqual } from "node:util";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import type { StoredDocument } from "../store/state/documents.js";
import type { StateStore } from "../store/state/state.js";
import { siteCostKind } from "./kinds.js";
import type { NewDocument } from "./settings.js";

/** A site that is to count in another currency than before. */
export interface CurrencyChange {
  site: string;
  before: string;
  currency: string;
  /** Documents that are held; of any kind and site. */
  held: readonly StoredDocument[];
  /** What is set with it. */
  put?: readonly NewDocument[];
}

/**
 * Why a site may not count in another currency from now on; each begins with its key. What has no currency of its own would be taken for that
 * much of the other: a cost that is set with it to what it was is not said anew.
 */
export async function currencyProblems(
  { site, before, currency, held, put = [] }: CurrencyChange,
  state: Pick<StateStore, "ledger" | "oldestRollup">,
): Promise<string[]> {
  if (before === currency) return [];
  const costs = held.filter(
    ({ kind, site: of, id, body }) =>
      kind === siteCostKind.kind &&
      of === site &&
      !put.some(
        (each) =>
          each.kind === kind && each.site === of && each.id === id && !isDeepStrictEqual(each.body, body),
      ),
  );
  const span = await state.ledger.span(site);
  const firstMs = span && ((await state.oldestRollup(BUCKET_MS)) ?? span.toMs);
  return [
    ...(costs.length
      ? [
          `currency: monthly costs are in ${before} (${costs.map(({ id }) => id).join(", ")}): take them out, and set them anew in ${currency}`,
        ]
      : []),
    ...(span && firstMs !== undefined && endOf(span.fromMs) <= firstMs
      ? [
          `currency: hours since ${new Date(span.fromMs).toISOString().slice(0, 10)} are booked in ${before} and too old to be priced anew: what counts in ${currency} must be another site`,
        ]
      : []),
  ];
}

const endOf = (ms: number): number => (Math.floor(ms / HOUR_MS) + 1) * HOUR_MS;

/** The setting that holds in which currency the hours of a site that is gone are booked: one that is made by its name has them. */
const bookedKey = (site: string): string => `removed/currency/${site}`;

/** Keeps the currency of a site that goes. */
export const keepCurrency = (
  site: string,
  currency: string,
  state: Pick<StateStore, "putSetting">,
): Promise<void> => state.putSetting(bookedKey(site), currency);

/** The currency of a site that is gone; undefined where there was none of that name. */
export const currencyOfGone = (
  site: string,
  state: Pick<StateStore, "setting">,
): Promise<string | undefined> => state.setting(bookedKey(site));
