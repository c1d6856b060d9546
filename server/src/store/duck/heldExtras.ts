import { EXTRA_COLUMNS } from "./migrations.js";

/** A row of extras holds for later readings of its rig up to this age, ms; then it is written again. */
export const EXTRAS_HOLD_MS = 3_600_000;

/** Instant of the row, instant of the newest reading, then the values. */
const WIDTH = 2 + EXTRA_COLUMNS.length;

/**
 * Says when a rig's seldom values (limits, window, pool, …) must be written: most never change, and a column costs memory
 * for as long as any row since the last checkpoint has it.
 */
export class HeldExtras {
  readonly #offsets = new Map<number, number>();
  #held = new Float64Array(64 * WIDTH);

  /**
   * Takes the values of a reading (NaN = not reported) and calls `write` with the rows that it needs. A reading that comes
   * after a newer one gets a row of its own, and the newer one is written again where it would else stand behind that row.
   */
  put(
    rig: number,
    atMs: number,
    row: Float64Array,
    write: (rig: number, atMs: number, row: Float64Array) => void,
  ): void {
    const known = this.#offsets.get(rig);
    const offset = known ?? this.#room(rig);
    const held = this.#held.subarray(offset, offset + WIDTH);
    const [rowMs, newestMs] = [held[0]!, held[1]!];
    const values = held.subarray(2);
    const same = known !== undefined && atMs >= rowMs && atMs - rowMs < EXTRAS_HOLD_MS && isSame(values, row);
    if (known === undefined || atMs >= newestMs) {
      held[1] = atMs;
      if (same) return;
      held[0] = atMs;
      values.set(row);
      write(rig, atMs, row);
      return;
    }
    if (same) return;
    write(rig, atMs, row);
    if (atMs < rowMs) return;
    held[0] = newestMs;
    write(rig, newestMs, values);
  }

  /** Nothing is known to be in the store: after it was opened, and after a transaction that failed. */
  forget(): void {
    this.#offsets.clear();
  }

  #room(rig: number): number {
    const offset = this.#offsets.size * WIDTH;
    if (offset + WIDTH > this.#held.length) {
      const larger = new Float64Array(this.#held.length * 2);
      larger.set(this.#held);
      this.#held = larger;
    }
    this.#offsets.set(rig, offset);
    return offset;
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < b.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
