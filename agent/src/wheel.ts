/** What a wheel carries; `next` belongs to the wheel while it does. */
export interface Spoke {
  next: Spoke | undefined;
}

/**
 * A timing wheel: holds any number of items until their time at the cost of a link each, with no timer of its own. An item
 * further away than a turn (`tickMs` × `ticks`) comes due at the end of the turn.
 */
export class Wheel<T extends Spoke> {
  private readonly slots: (T | undefined)[];
  private lastTick: number;
  private count = 0;

  constructor(
    private readonly tickMs: number,
    ticks: number,
    startMs: number,
  ) {
    this.slots = new Array<T | undefined>(ticks).fill(undefined);
    this.lastTick = Math.floor(startMs / tickMs);
  }

  get size(): number {
    return this.count;
  }

  /** Adds an item that comes due at `dueMs`, at the earliest with the next tick. */
  add(item: T, dueMs: number): void {
    const wanted = Math.ceil(dueMs / this.tickMs);
    const tick = Math.min(Math.max(wanted, this.lastTick + 1), this.lastTick + this.slots.length - 1);
    const slot = tick % this.slots.length;
    item.next = this.slots[slot];
    this.slots[slot] = item;
    this.count++;
  }

  /** Hands over everything due up to `nowMs`. */
  advance(nowMs: number, due: (item: T) => void): void {
    const until = Math.floor(nowMs / this.tickMs);
    // After a standstill longer than a turn every slot has been passed once.
    if (until - this.lastTick > this.slots.length) this.lastTick = until - this.slots.length;
    while (this.lastTick < until) {
      const slot = ++this.lastTick % this.slots.length;
      let item = this.slots[slot];
      this.slots[slot] = undefined;
      while (item) {
        const next = item.next as T | undefined;
        item.next = undefined;
        this.count--;
        due(item);
        item = next;
      }
    }
  }
}
