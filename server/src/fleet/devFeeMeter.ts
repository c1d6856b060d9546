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

/** Difficulty that pools accepted over a stretch: all of it, and that of the firmware's own pools. */
export interface MeasuredShares {
  sinceMs: number;
  toMs: number;
  acceptedDiff: number;
  devFeeDiff: number;
}

const together = (a: MeasuredShares, b: MeasuredShares): MeasuredShares => ({
  sinceMs: a.sinceMs,
  toMs: b.toMs,
  acceptedDiff: a.acceptedDiff + b.acceptedDiff,
  devFeeDiff: a.devFeeDiff + b.devFeeDiff,
});

/** Measures what a rig's firmware takes, over the last 24 hours, from counters of accepted difficulty that begin anew with its mining daemon. */
export class DevFeeMeter {
  /** Accepted difficulty by hour of the day: all of it, and that of the firmware's own pools. */
  readonly #all = new Float64Array(HOURS);
  readonly #fee = new Float64Array(HOURS);
  readonly #hours = new Int32Array(HOURS);
  #last: { all: number; fee: number; atMs: number } | undefined;
  #sinceMs: number | undefined;
  #toMs = 0;
  /** What was measured and is not kept yet. */
  #unkept: MeasuredShares | undefined;

  /** Takes in counters; those without the firmware's own pools tell nothing. */
  heard({ acceptedDiff: all, devFeeDiff: fee }: Shares, nowMs: number): void {
    if (all === undefined || fee === undefined || fee > all) return;
    const last = this.#last;
    this.#last = { all, fee, atMs: nowMs };
    if (!last || all < last.all || fee < last.fee || nowMs - last.atMs > MAX_GAP_MS) return;
    const part = {
      sinceMs: last.atMs,
      toMs: nowMs,
      acceptedDiff: all - last.all,
      devFeeDiff: fee - last.fee,
    };
    this.#add(part);
    this.#unkept = this.#unkept ? together(this.#unkept, part) : part;
  }

  /** Takes in what was kept of earlier hours. */
  restore(part: MeasuredShares): void {
    this.#add(part);
  }

  /** What was measured and is not kept yet; undefined where nothing was. */
  get unkept(): MeasuredShares | undefined {
    return this.#unkept;
  }

  /** What `unkept` told is kept; what was measured meanwhile is not. */
  kept(part: MeasuredShares): void {
    const now = this.#unkept;
    if (!now || now.toMs <= part.toMs) this.#unkept = undefined;
    else
      this.#unkept = {
        sinceMs: part.toMs,
        toMs: now.toMs,
        acceptedDiff: now.acceptedDiff - part.acceptedDiff,
        devFeeDiff: now.devFeeDiff - part.devFeeDiff,
      };
  }

  #add({ sinceMs, toMs, acceptedDiff, devFeeDiff }: MeasuredShares): void {
    this.#sinceMs = Math.min(this.#sinceMs ?? sinceMs, sinceMs);
    this.#toMs = Math.max(this.#toMs, toMs);
    const hour = Math.floor(toMs / HOUR_MS);
    const at = hour % HOURS;
    if (this.#hours[at]! > hour) return;
    if (this.#hours[at] !== hour) {
      this.#hours[at] = hour;
      this.#all[at] = 0;
      this.#fee[at] = 0;
    }
    this.#all[at]! += acceptedDiff;
    this.#fee[at]! += devFeeDiff;
  }

  /** Over the last 24 hours; undefined where less than an hour was measured, or nothing was accepted. */
  over(nowMs: number): DevFee | undefined {
    if (this.#sinceMs === undefined) return undefined;
    const newest = Math.floor(nowMs / HOUR_MS);
    let [all, fee] = [0, 0];
    for (let at = 0; at < HOURS; at++) {
      if (this.#hours[at]! <= newest - HOURS) continue;
      all += this.#all[at]!;
      fee += this.#fee[at]!;
    }
    const fromMs = Math.max(this.#sinceMs, (newest - HOURS + 1) * HOUR_MS);
    const toMs = this.#toMs;
    return all > 0 && toMs - fromMs >= HOUR_MS ? { share: fee / all, fromMs, toMs } : undefined;
  }
}
