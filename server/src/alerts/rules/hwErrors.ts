import { isSha256 } from "../../economics/figures.js";
import type { RigView } from "../../fleet/rigView.js";
import { isMining, MINUTE_MS, numberRule, percent } from "./numberRule.js";

/** Hashes that make one share of difficulty 1; other algorithms than SHA-256 count theirs otherwise. */
const HASHES_PER_DIFF = 2 ** 32;
const LEAST_ERRORS = 100;

/**
 * Hardware errors of the last hour over the difficulty-1 shares that the reported hashrate makes: more than 2 %. Some errors are
 * usual; a board that is overclocked, too hot or dying makes many.
 */
export const hwErrors = numberRule<RigView>({
  id: "hwErrors",
  severity: "warning",
  limit: 0.02,
  clear: 0.015,
  unit: "of its work",
  holdMs: 30 * MINUTE_MS,
  resolveHoldMs: 30 * MINUTE_MS,
  quietInStop: true,
  measure(view, { memory, nowMs }) {
    const mining = isMining(view);
    if (mining === undefined || !memory) return undefined;
    const isSha = isSha256(view.algo);
    if (!mining || isSha === false) return "clear";
    if (!isSha) return undefined;
    const work = memory.work(view.rig, nowMs, 3);
    if (!work?.hashedTh) return undefined;
    if (work.hwErrors < LEAST_ERRORS) return "clear";
    return work.hwErrors / ((work.hashedTh * 1e12) / HASHES_PER_DIFF);
  },
  reason: (_view, { value, limit }) =>
    `${percent(value)} of its work of the last hour are hardware errors, limit ${percent(limit)}`,
  step: 0.005,
});
