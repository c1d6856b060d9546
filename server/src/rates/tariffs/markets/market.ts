import { checked } from "@hashwatt/protocol/checked";
import type { z } from "zod";
import { ServerError } from "../../../error.js";
import type { RateFetcher, RateQuestion } from "../../fetch/rateFetcher.js";
import type { Slot, TimeRange } from "../../slot.js";

/** Prices change after the hour that they are of at most: so much of what is known is asked for again. */
const AGAIN_MS = 2 * 3_600_000;
/** So far back a series that holds nothing is filled. */
const FIRST_MS = 7 * 86_400_000;

/** The currency that a market's price says it is in, by its note; undefined where it says none. */
export const marketCurrency = (note: string | undefined): string | undefined =>
  /^([A-Z]{3})\/[kM]Wh/.exec(note ?? "")?.[1];

/** What is to be asked of a market for a series: from what is held on, up to where prices can be known. */
export function marketRange({ nowMs, last }: RateQuestion, series: string, aheadMs: number): TimeRange {
  const heldMs = last(series)?.endMs ?? nowMs - FIRST_MS;
  const fromMs = Math.max(nowMs - 4 * FIRST_MS, Math.min(nowMs, heldMs) - AGAIN_MS);
  return { fromMs, toMs: nowMs + aheadMs };
}

/** A source of one series of prices, by what asks it for a range. The date of a price is that of the answer. */
export const marketFetcher = (
  { id, kind, everyMs, aheadMs }: { id: string; kind: string; everyMs: number; aheadMs: number },
  ask: (range: TimeRange, question: RateQuestion, signal: AbortSignal) => Promise<Slot[]>,
): RateFetcher => {
  const series = `price/${id}`;
  return {
    id,
    kind,
    series: [series],
    everyMs,
    async fetch(question, signal) {
      const slots = await ask(marketRange(question, series, aheadMs), question, signal);
      return [{ series, slots: slots.map((slot) => ({ ...slot, asOfMs: slot.asOfMs ?? question.nowMs })) }];
    },
  };
};

/** An answer that is none of that market. */
export const unreadable = (market: string, why: string, cause?: unknown): ServerError =>
  new ServerError("sourceFailed", `${market}: ${why}`, { retryable: true, cause });

/** The JSON of an answer. Throws ServerError `sourceFailed`. */
export function jsonOf(market: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw unreadable(market, `answered with no JSON but "${body.slice(0, 80)}"`, cause);
  }
}

/** An answer by its schema. Throws ServerError `sourceFailed` that names the first key that is wrong. */
export function shaped<T>(market: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = checked(schema, value);
  if (parsed.success) return parsed.data as T;
  const [issue] = parsed.error.issues;
  const path = issue!.path.map(String).join(".");
  throw unreadable(market, `answered with another shape than it is known for: ${path}: ${issue!.message}`);
}

/**
 * Slots in order, of which each must end after it begins. Of two that overlap the later in the list counts, whole or in part. Throws
 * ServerError `sourceFailed` for a time or a price that is none.
 */
export function slotsInOrder(market: string, slots: readonly Slot[]): Slot[] {
  for (const { startMs, endMs, value } of slots)
    if (!(endMs > startMs) || !Number.isFinite(value))
      throw unreadable(market, `answered with a price of ${value} from ${startMs} to ${endMs}`);
  const sorted = slots
    .map((slot, n) => ({ slot, n }))
    .sort((a, b) => a.slot.startMs - b.slot.startMs || a.n - b.n);
  const kept: { slot: Slot; n: number }[] = [];
  for (const each of sorted) {
    const last = kept.at(-1);
    if (!last || last.slot.endMs <= each.slot.startMs) kept.push({ ...each, slot: { ...each.slot } });
    else if (each.n > last.n) {
      if (last.slot.startMs === each.slot.startMs) kept.pop();
      else last.slot.endMs = each.slot.startMs;
      kept.push({ ...each, slot: { ...each.slot } });
    } else if (each.slot.endMs > last.slot.endMs)
      kept.push({ n: each.n, slot: { ...each.slot, startMs: last.slot.endMs } });
  }
  return kept.map(({ slot }) => slot);
}
