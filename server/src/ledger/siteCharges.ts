import type { SiteLine } from "@hashwatt/protocol/ledger";
import type { TimeRange } from "../rates/slot.js";

/** Tells what a site owes as a whole: demand charges and fixed costs of whole billing periods, those that are not over included. */
export interface SiteCharges {
  /** The lines of every period that touches the range, each with the amount and the time of the whole period. */
  lines(site: string, range: TimeRange): Promise<SiteLine[]>;
}

/** The part of a line that falls into each of some stretches, by time: whole units that add up to that of all of them. */
export function sharesOf(
  { amountMicro, fromMs, toMs }: Pick<SiteLine, "amountMicro" | "fromMs" | "toMs">,
  stretches: readonly { startMs: number; endMs: number }[],
): (number | null)[] {
  if (amountMicro === null) return stretches.map(() => null);
  const upTo = (ms: number): number =>
    Math.round((amountMicro * (Math.max(fromMs, Math.min(toMs, ms)) - fromMs)) / (toMs - fromMs));
  return stretches.map(({ startMs, endMs }) =>
    endMs <= fromMs || startMs >= toMs ? null : upTo(endMs) - upTo(startMs),
  );
}

/** Whether a line that nobody knows the amount of falls into a stretch: what all is taken off of is then not known. */
export const owesUnknown = (
  lines: readonly Pick<SiteLine, "amountMicro" | "fromMs" | "toMs">[],
  { startMs, endMs }: { startMs: number; endMs: number },
): boolean =>
  lines.some(({ amountMicro, fromMs, toMs }) => amountMicro === null && fromMs < endMs && toMs > startMs);
