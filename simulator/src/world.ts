import type { Conditions } from "./rigState.js";
import type { RigIdentity } from "./site.js";

/** How a rig is to be reached, and how well it answers. */
export interface Network {
  /** `refused`: a connection is reset; `silent`: it is taken and nothing comes, as when packets are lost on the way. */
  reach: "up" | "refused" | "silent";
  /** Added before an answer leaves. */
  delayMs: number;
  /** Share of the connections that are silent, 0 to 1. */
  lossRatio: number;
  /** Share of the answers that are damaged, 0 to 1. */
  garbledRatio: number;
}

/** All that is done to a rig from outside at one moment. */
export interface Circumstances {
  given: Conditions;
  network: Network;
  /** Added to the air that it breathes, or that its coolant is cooled by. */
  inletDeltaC: number;
  /** How far its own clock is ahead. */
  clockAheadMs: number;
  /** The firmware that it has been updated to. */
  firmware: string | undefined;
}

/** What stands around a fleet: weather, hall and whatever befalls its rigs, each a function of the fleet's time. */
export interface World {
  /**
   * What the rig takes in at this moment, air or the coolant of its loop; `riseK` is how much warmer what leaves it was a moment ago,
   * `warmerC` how much warmer the weather is by what befalls it.
   */
  inletTempC(rig: RigIdentity, atMs: number, riseK: number, warmerC: number): number;
  /** What is done to it at this moment; the same object as long as it is the same, in any case until `untilMs`. */
  circumstances(rig: RigIdentity, atMs: number): { now: Circumstances; untilMs: number };
}

export const SOUND_NETWORK: Network = { reach: "up", delayMs: 0, lossRatio: 0, garbledRatio: 0 };
