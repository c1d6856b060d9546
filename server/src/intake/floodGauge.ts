import type { Clock } from "@hashwatt/protocol/time";

/** Rows per second that are no flood: half as many again as 10,000 rigs tell every 5 s, and as larger fleets do. */
const PACE = { least: 3_000, perRig: 0.3 };
/** So many rows above that pace are one. */
const FLOOD_ROWS = 24_000;

/**
 * Tells a flood (a backlog that comes in) from a fleet whose readings have waited: what a pause of ten seconds has dammed up
 * arrives at once too, but no more of it than its pace allows. Rows fill it and the pace drains it.
 */
export class FloodGauge {
  #rows = 0;
  #sinceMs: number;

  constructor(
    private readonly clock: Pick<Clock, "monoMs">,
    private readonly rigs: () => number,
  ) {
    this.#sinceMs = clock.monoMs();
  }

  /** Takes rows that have arrived now; true when they are part of a flood. */
  add(rows: number): boolean {
    const nowMs = this.clock.monoMs();
    const pace = Math.max(PACE.least, PACE.perRig * this.rigs());
    const drained = this.#rows - ((nowMs - this.#sinceMs) / 1_000) * pace;
    this.#sinceMs = nowMs;
    this.#rows = Math.min(Math.max(drained, 0) + rows, 2 * FLOOD_ROWS);
    return this.#rows > FLOOD_ROWS;
  }
}
