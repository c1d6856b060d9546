import type { Shares } from "@hashwatt/protocol/sample";

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Counters that were heard this far apart belong to no common stretch. */
const MAX_GAP_MS = 2 * HOUR_MS;

/** What a firmware took for its makers: the share of the difficulty that pools accepted of the rig, over a stretch of time. */
export interface DevFee {
  /** 0–1. */
  share: number;
  fromMs: number;
  toMs: number;
}

/** Measures what a rig's firmware takes, over the last 24 hours, from counters of accepted difficulty that begin anew with its mining daemon. */
export class DevFeeMeter {
  /** Accepted difficulty by hour of the day: all of it, and that of the firmware's own pools. */
  readonly #all = new Float64Array(HOURS);
  readonly #fee = new Float64Array(HOURS);
  readonly #hours = new Int32Array(HOURS);
  #last: { all: number; fee: number; atMs: number } | undefined;
  #sinceMs: number | undefined;

  /** Takes in counters; those without the firmware's own pools tell nothing. */
  heard({ acceptedDiff: all, devFeeDiff: fee }: Shares, nowMs: number): void {
    if (all === undefined || fee === undefined || fee > all) return;
    const last = this.#last;
    this.#last = { all, fee, atMs: nowMs };
    if (!last || all < last.all || fee < last.fee || nowMs - last.atMs > MAX_GAP_MS) return;
    this.#sinceMs ??= last.atMs;
    const hour = Math.floor(nowMs / HOUR_MS);
    const at = hour % HOURS;
    if (this.#hours[at] !== hour) {
      this.#hours[at] = hour;
      this.#all[at] = 0;
      this.#fee[at] = 0;
    }
    this.#all[at]! += all - last.all;
    this.#fee[at]! += fee - last.fee;
  }

  /** Over the last 24 hours; undefined where less than an hour was measured, or nothing was accepted. */
  over(nowMs: number): DevFee | undefined {
    if (this.#sinceMs === undefined || !this.#last) return undefined;
    const newest = Math.floor(nowMs / HOUR_MS);
    let [all, fee] = [0, 0];
    for (let at = 0; at < HOURS; at++) {
      if (this.#hours[at]! <= newest - HOURS) continue;
      all += this.#all[at]!;
      fee += this.#fee[at]!;
    }
    const fromMs = Math.max(this.#sinceMs, (newest - HOURS + 1) * HOUR_MS);
    const toMs = this.#last.atMs;
    return all > 0 && toMs - fromMs >= HOUR_MS ? { share: fee / all, fromMs, toMs } : undefined;
  }
}
