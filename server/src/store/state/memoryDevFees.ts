import { DEV_FEE_HOLDS_MS, type DevFeeRow, type DevFeeStore, firstShareMs } from "./devFees.js";

/** What firmwares were measured to take, forgotten with its process. */
export class MemoryDevFees implements DevFeeStore {
  #rows: DevFeeRow[] = [];

  async put(rows: readonly DevFeeRow[]): Promise<void> {
    this.#rows.push(...rows.map((row) => ({ ...row })));
    this.#rows.sort((a, b) => a.rig - b.rig || a.fromMs - b.fromMs);
  }

  async since(fromMs: number): Promise<DevFeeRow[]> {
    return this.#rows.filter((row) => row.fromMs >= fromMs).map((row) => ({ ...row }));
  }

  async drop(beforeMs: number): Promise<void> {
    this.#rows = this.#rows.filter((row) => row.fromMs >= beforeMs);
  }

  get sinceMs(): number {
    return firstShareMs(this.#rows);
  }

  /** The share that counts for a rig in the 5 minutes that begin at an instant. */
  shareAt(rig: number, startMs: number): number | undefined {
    const row = this.#rows.findLast(
      (each) => each.rig === rig && each.share !== undefined && each.fromMs <= startMs,
    );
    return row && startMs < row.fromMs + DEV_FEE_HOLDS_MS ? row.share : undefined;
  }

  /** All of it, for a look at it. */
  all(): DevFeeRow[] {
    return this.#rows.map((row) => ({ ...row }));
  }
}
