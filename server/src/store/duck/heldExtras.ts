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
    const at = this.#of(rig);
    const held = this.#held;
    const rowMs = held[at]!;
    const same = atMs >= rowMs && atMs - rowMs < EXTRAS_HOLD_MS && isSame(held, at + 2, values);
    if (atMs < held[at + 1]!) {
      if (!same) write(rig, atMs, true);
      return;
    }
    held[at + 1] = atMs;
    if (same) return;
    held[at] = atMs;
    held.set(values, at + 2);
    write(rig, atMs, false);
  }

  /** Nothing but these newest readings is known to be in the store. */
  begin(newest: readonly { rig: number; sample: { atMs: number } }[]): void {
    this.#offsets.clear();
    for (const { rig, sample } of newest) {
      const at = this.#of(rig);
      this.#held[at + 1] = sample.atMs;
    }
  }

  /** No row is known to be in the store any more: after a transaction that failed. */
  forget(): void {
    for (const offset of this.#offsets.values()) this.#held[offset] = NO_ROW;
  }

  /** Where what is held of a rig begins. No view of it is made: each reading asks. */
  #of(rig: number): number {
    let offset = this.#offsets.get(rig);
    if (offset === undefined) {
      offset = this.#room(rig);
      this.#held[offset] = this.#held[offset + 1] = NO_ROW;
    }
    return offset;
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

function isSame(held: Float64Array, from: number, values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Object.is(held[from + i], values[i])) return false;
  return true;
}
