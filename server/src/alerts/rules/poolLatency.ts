import type { PoolFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** As far as miners' guides call acceptable; a site far from its pool is judged by twice what is usual there. */
const FAR_MS = 150;
/** Farther is told whatever is usual: a pool nearer by would do. [A] */
const TOO_FAR_MS = 500;
const CLEAR_RATIO = 0.8;
const BLOCK_MS = 600_000;

const limitOf = (usualMs: number | undefined): number =>
  usualMs === undefined ? TOO_FAR_MS : Math.max(FAR_MS, Math.min(TOO_FAR_MS, 2 * usualMs));

/**
 * The way to a pool and back, as the median of the firmwares that tell it, has been longer for a quarter of an hour than is good, and
 * than is usual there: shares that come after the next block are lost. One alert for all rigs that work for it.
 */
export const poolLatency = numberRule<PoolFacts>({
  id: "poolLatency",
  subject: "pool",
  severity: "notice",
  limit: FAR_MS,
  clear: FAR_MS * CLEAR_RATIO,
  unit: "ms",
  holdMs: 15 * MINUTE_MS,
  resolveHoldMs: 15 * MINUTE_MS,
  timed: true,
  inhibitedBy: ["poolDown"],
  measure({ latency, rigs }, _context, { limit: set = FAR_MS }) {
    // While none of its rigs answers, nothing is known of it.
    if (!latency) return rigs ? "clear" : undefined;
    const { ms: value, usualMs } = latency;
    if (set !== FAR_MS) return value;
    const limit = limitOf(usualMs);
    return {
      value,
      limit,
      clear: limit * CLEAR_RATIO,
      limitSource: limit === FAR_MS || limit === TOO_FAR_MS ? "rule" : "own past (twice what is usual)",
    };
  },
  reason({ latency }, { value, limit }) {
    if (!latency) return "No rig that works for it tells how far it is any more";
    const { usualMs, rigs } = latency;
    const usual = usualMs === undefined ? "" : `, usually ${Math.round(usualMs)} ms`;
    return `${Math.round(value)} ms there and back by ${rigs} ${rigs === 1 ? "rig that tells" : "rigs that tell"} it, limit ${Math.round(limit)} ms${usual}`;
  },
  // A share that comes after the next block counts for nothing.
  lossPerH: ({ latency }, value) =>
    latency?.revenuePerH === undefined ? null : (latency.revenuePerH * value) / BLOCK_MS,
  siteOf: ({ site }) => site,
  step: 20,
});
