import { perThHour } from "../hashprice/formula.js";
import { type Slot, slotAt, type TimeRange } from "../slot.js";
import type { DevFeeIn } from "./pool.js";

/** What pools leave of SHA-256 while the firmware's fee is measured by rig, and what 1 TH/s earns by it in an hour. */
export interface RigPools {
  /** Before the firmware's fee: of rigs whose own was measured. */
  before: { pool: Slot; perThH: number };
  /** With the rate that is set: of the other rigs. Without a pool nothing is taken off. */
  set: { pool?: Slot; perThH: number };
}

/** The pools of rigs at a moment; undefined while no firmware at the site shows its fee, or the hashprice is not known. */
export function rigPools(
  poolFactor: (range: TimeRange, devFeeIn: DevFeeIn) => readonly Slot[],
  hashprice: Slot | undefined,
  range: TimeRange,
): RigPools | undefined {
  const at = (devFeeIn: DevFeeIn) => slotAt(poolFactor(range, devFeeIn), range.fromMs);
  const before = at("before");
  if (!before || !hashprice) return undefined;
  const set = at("set");
  const perThH = (left: number) => perThHour(hashprice.value * left);
  return {
    before: { pool: before, perThH: perThH(before.value) },
    set: { ...(set && { pool: set }), perThH: perThH(set?.value ?? 1) },
  };
}
