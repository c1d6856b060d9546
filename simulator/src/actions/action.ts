import type { Parameters, Values } from "../parameters.js";
import type { Conditions } from "../rigState.js";
import type { Circumstances, Network } from "../world.js";
import type { Part } from "./part.js";

/** Circumstances while they are being put together: every part is this rig's and this moment's own. */
export interface Sketch {
  given: { -readonly [Key in keyof Conditions]: Conditions[Key] };
  network: Network;
  inletDeltaC: number;
  clockAheadMs: number;
  firmware: Circumstances["firmware"];
}

/** When an action is looked at. */
export interface Since {
  /** How long it has been going on. */
  ms: number;
  /** How long it goes on at all. */
  lastsMs: number;
  /** Tells one rig's chances from another's. */
  key: number;
}

/** Something that can be done to rigs: by a scenario, a timeline or `simulate do`. */
export interface Action {
  name: string;
  says: string;
  parameters: Parameters;
  /** What of a rig it is done to, where that is a part that a rig may lack. */
  part?: Part;
  /** What it changes while it goes on. */
  apply(sketch: Sketch, values: Values, since: Since): void;
  /** What stays when it is over. */
  after?(sketch: Sketch, values: Values): void;
  /** How long one look at it holds good; for as long as it goes on unless given. */
  holdsMs?(values: Values, sinceMs: number): number;
}

/** How far something that comes about slowly has come, 0 to 1. */
export function progress(sinceMs: number, overMs: number): number {
  return overMs <= 0 ? 1 : Math.min(1, sinceMs / overMs);
}

const LOOKS = 200;

/** For what comes about slowly: looked at so often that no step is seen, and not at all once it is there. */
export function slowly(overMs: number, sinceMs: number): number {
  return sinceMs >= overMs ? Number.POSITIVE_INFINITY : Math.max(1000, overMs / LOOKS);
}
