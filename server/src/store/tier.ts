import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";

/** What a history is answered from. */
export type Tier = "raw" | "5m" | "1h";

/** A question's window and what is kept. `rawFromMs`, `fineFromMs`: before these, raw samples or 5-minute rows are gone. */
export interface TierQuery {
  fromMs: number;
  toMs: number;
  /** Spacing asked for; absent = as fine as fits a chart. */
  stepMs?: number;
  rawFromMs: number;
  fineFromMs: number;
  /** Widest window that raw samples answer, ms. */
  rawRangeMs: number;
}

/** The tier that answers, its step, and a sentence where that is not what was asked for. */
export interface TierChoice {
  tier: Tier;
  stepMs: number;
  note?: string;
}

/** Points of a chart unless a step is asked for. */
const CHART_POINTS = 1_500;
/** Points of any answer. */
export const MAX_POINTS = 12_000;
/** Widest window that 5-minute rows answer, ms. */
const FINE_RANGE_MS = 35 * 86_400_000;

const SECOND = 1_000;
const MINUTE = 60_000;
const STEPS = [
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  24 * HOUR_MS,
  7 * 24 * HOUR_MS,
];

/** The finest of the usual steps that makes at most `points` of a window. */
export function chartStep(rangeMs: number, points = CHART_POINTS): number {
  return STEPS.find((step) => rangeMs / step <= points) ?? Math.ceil(rangeMs / points / HOUR_MS) * HOUR_MS;
}

const upTo = (stepMs: number, unitMs: number): number => Math.max(1, Math.ceil(stepMs / unitMs)) * unitMs;

/**
 * Chooses the finest tier that holds the window: raw samples for a short and recent one, else 5-minute rows, else hourly
 * ones. A window wider than its tier is answered from the next, and `note` says so.
 */
export function chooseTier(query: TierQuery): TierChoice {
  const rangeMs = query.toMs - query.fromMs;
  const asked = query.stepMs;
  const stepMs = Math.max(
    asked ?? chartStep(rangeMs),
    asked === undefined ? 0 : chartStep(rangeMs, MAX_POINTS),
  );
  const reasons: string[] = [];
  if (asked !== undefined && stepMs > asked) reasons.push(`at most ${MAX_POINTS} points are answered`);
  const done = (tier: Tier, step: number): TierChoice => {
    if (reasons.length === 0) return { tier, stepMs: step };
    return { tier, stepMs: step, note: `step ${step / 1000} s: ${reasons.join("; ")}` };
  };
  if (stepMs < BUCKET_MS) {
    const old = query.fromMs < query.rawFromMs;
    if (!old && rangeMs <= query.rawRangeMs) return done("raw", upTo(stepMs, SECOND));
    reasons.push(
      old
        ? `raw samples are kept since ${new Date(query.rawFromMs).toISOString()}`
        : `raw samples answer up to ${Math.round(query.rawRangeMs / HOUR_MS)} hours`,
    );
  }
  const fine = upTo(stepMs, BUCKET_MS);
  // A step that hours make up is the same from hourly rows, and cheaper.
  if (fine % HOUR_MS !== 0 || stepMs < HOUR_MS) {
    const old = query.fromMs < query.fineFromMs;
    if (!old && rangeMs <= FINE_RANGE_MS) return done("5m", fine);
    reasons.push(
      old
        ? `5-minute rows are kept since ${new Date(query.fineFromMs).toISOString()}`
        : `5-minute rows answer up to ${FINE_RANGE_MS / 86_400_000} days`,
    );
  }
  return done("1h", upTo(stepMs, HOUR_MS));
}
