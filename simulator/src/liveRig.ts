import { failingFanHealth } from "./incidents.js";
import { type Override, overridden } from "./override.js";
import { Random } from "./random.js";
import { coast, step } from "./rig.js";
import type { RigState } from "./rigState.js";
import { inletTempC, type RigIdentity } from "./site.js";
import { initialState } from "./warmStart.js";

/** Physics move on a grid of the fleet's time, so that what a rig does never depends on who looks, or how often. */
const TICK_MS = 1000;
/** Bounds the work of one look at a rig that nobody has asked for long: what is older is coasted over. */
const MOST_TICKS = 300;

/**
 * A rig that moves only when it is looked at: ten thousand of them cost nothing while nobody asks.
 * `atMs` is the fleet's time everywhere, and never goes back.
 */
export class LiveRig {
  readonly identity: RigIdentity;
  readonly #startMs: number;
  readonly #random: Random;
  #state: RigState | undefined;
  #steppedToMs: number;
  #override: Override | undefined;

  constructor(identity: RigIdentity, seed: string, startMs: number) {
    this.identity = identity;
    this.#startMs = startMs;
    this.#steppedToMs = startMs;
    this.#random = new Random(seed, "life", identity.index);
  }

  /** The rig at this moment, with what a test dictates on top. */
  stateAt(atMs: number): RigState {
    const state = this.#advance(atMs);
    return this.#override === undefined ? state : overridden(state, this.#override);
  }

  /** Dictates readings until the next call; undefined gives the rig back to its physics. */
  override(override: Override | undefined): void {
    this.#override = override === undefined ? undefined : { ...this.#override, ...override };
  }

  #fanHealth(atMs: number): number[] {
    const { failingFan, model } = this.identity;
    const failing = failingFanHealth(atMs - this.#startMs);
    return Array.from({ length: model.fanCount }, (_, fan) => (fan === failingFan ? failing : 1));
  }

  #begin(): RigState {
    const { identity } = this;
    return initialState(
      identity.unit,
      {
        phase: identity.incident === "sleeping" ? "sleeping" : "mining",
        inletTempC: inletTempC(identity, this.#startMs),
        fanHealth: this.#fanHealth(this.#startMs),
        elapsedMs: identity.ranMs,
        uptimeMs: identity.bootedMs,
        missingSlot: identity.missingSlot,
      },
      this.#random,
    );
  }

  #advance(atMs: number): RigState {
    let state = this.#state ?? this.#begin();
    const ticks = Math.floor((atMs - this.#steppedToMs) / TICK_MS);
    if (ticks > MOST_TICKS) state = coast(state, (ticks - MOST_TICKS) * TICK_MS, this.#random);
    for (let left = Math.min(ticks, MOST_TICKS); left > 0; left--) {
      const tickAtMs = this.#steppedToMs + (ticks - left + 1) * TICK_MS;
      const given = {
        inletTempC: inletTempC(this.identity, tickAtMs),
        fanHealth: this.identity.failingFan === undefined ? state.fanHealth : this.#fanHealth(tickAtMs),
      };
      state = step(state, TICK_MS, this.#random, given);
    }
    this.#steppedToMs += Math.max(0, ticks) * TICK_MS;
    this.#state = state;
    return state;
  }
}
