import { ByRig } from "../identity/byRig.js";
import type { RawRow } from "../store/store.js";
import { AlgoNames, addRow, clearRig, closeBefore, lastAt, openStart, peek, WIDTH } from "./accumulator.js";
import { ClosedRows } from "./closedRows.js";
import type { RollupRow } from "./row.js";

/**
 * The open bucket of every rig in one array of numbers: a sample costs a few additions, and 10,000 rigs about 5 MB.
 * Rows that a rig's next sample closes wait in `closed` until they are taken.
 */
export class OpenBuckets {
  readonly #offsets = new ByRig<number>();
  readonly #algos = new AlgoNames();
  #numbers = new Float64Array(64 * WIDTH);
  readonly #closed = new ClosedRows();
  readonly #keep = (row: RollupRow): void => {
    this.#closed.add(row);
  };

  /** Takes a reading; false when it is not newer than the rig's last, and nothing was done. */
  add(row: RawRow): boolean {
    const offset = this.#offsetOf(row.rig);
    if (row.atMs <= lastAt(this.#numbers, offset)) return false;
    addRow(this.#numbers, offset, row, this.#algos, this.#keep);
    return true;
  }

  #offsetOf(rig: number): number {
    const known = this.#offsets.get(rig);
    if (known !== undefined) return known;
    const offset = this.#offsets.size * WIDTH;
    if (offset + WIDTH > this.#numbers.length) {
      // By a quarter: what is never used would be 4 MB at 9,000 rigs.
      const larger = new Float64Array(Math.ceil(((this.#numbers.length / WIDTH) * 5) / 4) * WIDTH);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    clearRig(this.#numbers, offset);
    this.#offsets.set(rig, offset);
    return offset;
  }

  get rigs(): number[] {
    return [...this.#offsets.keys()];
  }

  /** Closes what those rigs have open before `startMs`. */
  closeBefore(rigs: readonly number[], startMs: number): void {
    for (const rig of rigs) {
      const offset = this.#offsets.get(rig);
      if (offset === undefined || Number.isNaN(openStart(this.#numbers, offset))) continue;
      closeBefore(this.#numbers, offset, rig, startMs, this.#algos, this.#keep);
    }
  }

  /** Takes closed rows that begin before `startMs`, at most `limit`. */
  takeClosed(startMs: number, limit = Number.POSITIVE_INFINITY): RollupRow[] {
    return this.#closed.take(startMs, limit);
  }

  /** Puts rows back that could not be written. */
  putBack(rows: readonly RollupRow[]): void {
    for (const row of rows) this.#closed.add(row);
  }

  /** What is known of the buckets that are not written yet, as it stands at `nowMs`. */
  peek(nowMs: number): RollupRow[] {
    const rows = [...this.#closed];
    for (const [rig, offset] of this.#offsets) {
      const row = peek(this.#numbers, offset, rig, nowMs, this.#algos);
      if (row) rows.push(row);
    }
    return rows;
  }
}
