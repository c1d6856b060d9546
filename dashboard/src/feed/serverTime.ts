/** Further apart than this the browser's or the server's clock was set, rather than the network slow. */
const STEP_MS = 2_000;

/**
 * The server's clock as seen from here. A stamp can only arrive late, so the largest offset seen is the truest; it gives
 * way slowly, to follow clocks that drift.
 */
export class ServerTime {
  #offsetMs: number | undefined;

  /** Learns from a stamp of the server that arrived at `nowMs`. */
  learn(serverMs: number, nowMs: number): void {
    const offset = serverMs - nowMs;
    if (this.#offsetMs === undefined || Math.abs(offset - this.#offsetMs) > STEP_MS) this.#offsetMs = offset;
    else if (offset > this.#offsetMs) this.#offsetMs = offset;
    else this.#offsetMs += (offset - this.#offsetMs) * 0.01;
  }

  /** The server's time at the browser's `nowMs`; the browser's own until a stamp came. */
  at(nowMs: number): number {
    return this.#offsetMs === undefined ? nowMs : nowMs + this.#offsetMs;
  }
}
