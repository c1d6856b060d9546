import { ByRig } from "../../identity/byRig.js";
import { EXTRA_COLUMNS } from "./migrations.js";

/** A row of extras holds for later readings of its rig up to this age, ms; then it is written again. */
export const EXTRAS_HOLD_MS = 3_600_000;

/** Instant of the row, instant of the newest reading, then the values. */
const WIDTH = 2 + EXTRA_COLUMNS.length;
/** Nothing is known to be in the store. */
const NO_ROW = Number.NEGATIVE_INFINITY;

/**
 * Says when a rig's seldom values (limits, window, pool, …) must be written: most never change, and a column costs memory
 * for as long as any row since the last checkpoint has it.
 */
export class HeldExtras {
  readonly #offsets = new ByRig<number>();
  #held = new Float64Array(64 * WIDTH);

  /**
   * Takes the values of a reading (NaN = not reported) and calls `write` when they need a row. A reading that comes after a
   * newer one gets a row that is its own alone: those between the two stand on an older one.
   */
  put(
    rig: number,
    atMs: number,
    values: Float64Array,
    write: (rig: number, atMs: number, alone: boolean) => void,
  ): void {
    const held = this.#of(rig);
    const [rowMs, newestMs] = [held[0]!, held[1]!];
    const own = held.subarray(2);
    const same = atMs >= rowMs && atMs - rowMs < EXTRAS_HOLD_MS && isSame(own, values);
    if (atMs < newestMs) {
      if (!same) write(rig, atMs, true);
      return;
    }
    held[1] = atMs;
    if (same) return;
    held[0] = atMs;
    own.set(values);
    write(rig, atMs, false);
  }

  /** Nothing but these newest readings is known to be in the store. */
  begin(newest: readonly { rig: number; sample: { atMs: number } }[]): void {
    this.#offsets.clear();
    for (const { rig, sample } of newest) this.#of(rig)[1] = sample.atMs;
  }

  /** No row is known to be in the store any more: after a transaction that failed. */
  forget(): void {
    for (const offset of this.#offsets.values()) this.#held[offset] = NO_ROW;
  }

  #of(rig: number): Float64Array {
    let offset = this.#offsets.get(rig);
    if (offset === undefined) {
      offset = this.#room(rig);
      this.#held[offset] = this.#held[offset + 1] = NO_ROW;
    }
    return this.#held.subarray(offset, offset + WIDTH);
  }

  #room(rig: number): number {
    const offset = this.#offsets.size * WIDTH;
    if (offset + WIDTH > this.#held.length) {
      const larger = new Float64Array(Math.ceil(((this.#held.length / WIDTH) * 5) / 4) * WIDTH);
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
