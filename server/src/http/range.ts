import { ServerError } from "../error.js";
import type { HistoryQuery } from "./apiParts.js";

const DAY_MS = 86_400_000;
/** Nothing older than this can be asked for: a mistyped year must not scan the whole database. */
const MAX_RANGE_MS = 3_700 * DAY_MS;

/** The range of a query, by default the last 24 hours. Throws ServerError `badRequest` for one that runs backwards. */
export function rangeOf(query: { from?: number; to?: number; step?: number }, nowMs: number): HistoryQuery {
  const toMs = query.to ?? nowMs;
  const fromMs = query.from ?? toMs - DAY_MS;
  if (fromMs >= toMs) throw new ServerError("badRequest", "from: must be before `to`");
  if (toMs - fromMs > MAX_RANGE_MS)
    throw new ServerError("badRequest", "from: the range is longer than ten years");
  return { fromMs, toMs, ...(query.step !== undefined && { stepMs: query.step }) };
}
