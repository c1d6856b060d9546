import type { MarketFacts } from "../facts.js";
import { MINUTE_MS, numberRule, percent } from "./numberRule.js";

/** Two days of blocks. */
const WITHIN_BLOCKS = 288;

/** The next difficulty is expected to differ by more than 5 %, and comes within 288 blocks. */
export const difficultyStep = numberRule<MarketFacts>({
  id: "difficultyStep",
  subject: "market",
  severity: "notice",
  limit: 0.05,
  clear: 0.04,
  unit: "of the difficulty",
  holdMs: 30 * MINUTE_MS,
  resolveHoldMs: 30 * MINUTE_MS,
  timed: true,
  measure({ nextDifficulty: next }) {
    if (!next) return undefined;
    return next.blocks > WITHIN_BLOCKS ? "clear" : Math.abs(next.ratio - 1);
  },
  reason({ nextDifficulty: next }) {
    const step = (next?.ratio ?? 1) - 1;
    return `In ${next?.blocks} blocks the difficulty is expected to ${step > 0 ? "rise" : "fall"} by ${percent(Math.abs(step))} (${next?.source})`;
  },
  step: 0.01,
});
