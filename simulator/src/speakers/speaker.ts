import type { RigState } from "../rigState.js";
import type { RigIdentity } from "../site.js";

/** A rig at the moment in which it is asked. */
export interface SpokenRig {
  identity: RigIdentity;
  state: RigState;
  address: string;
  /** The rig's own clock, epoch ms. */
  nowMs: number;
}

/** What goes back on the wire, NUL and all, and the command that it answers (for whoever watches). */
export interface Answer {
  command: string;
  bytes: Buffer;
}

/** A firmware's voice: request bytes in, reply bytes out, from nothing but the rig's state. Never throws. */
export interface Speaker {
  /** `request` is what one `recv` brought; empty when the peer hung up without a word. */
  answer(rig: SpokenRig, request: Buffer): Answer;
}
