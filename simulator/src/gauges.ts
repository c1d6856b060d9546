import type { Draft } from "./physics/draft.js";
import type { RigState } from "./rigState.js";

/** What a firmware calls its live rate is counted over some seconds, so it scatters about the true one by about this. */
const RATE_SD = 0.006;
/** A supply's meter scatters less. */
const POWER_SD = 0.0015;
/** The scatter forgets itself within so long. */
const KNOT_MS = 4000;

/** Mixes a rig's key, a board and a moment into 32 bits (murmur's finaliser). */
function mixed(key: number, salt: number, knot: number): number {
  let hash = key ^ Math.imul(salt + 1, 0x9e3779b1) ^ Math.imul(knot | 0, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** About normal with standard deviation 1: four of its bytes added up. */
function bell(bits: number): number {
  const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
  return (sum - 510) / 147.8;
}

/** Scatter of one gauge at one moment: the same for the same moment, whoever looks and how often. */
export function scatter(key: number, salt: number, atMs: number): number {
  const knot = Math.floor(atMs / KNOT_MS);
  const part = atMs / KNOT_MS - knot;
  return bell(mixed(key, salt, knot)) * (1 - part) + bell(mixed(key, salt, knot + 1)) * part;
}

/**
 * The rig as its own gauges show it at this moment; changes `state`, which must be the caller's own: ten thousand looks are spared a
 * copy each. `key` tells one rig's scatter from another's.
 */
export function asMeasured(state: RigState, key: number, atMs: number): RigState {
  const { noise } = state.given;
  if (noise === 0 || state.hashrateThs === 0) return state;
  const shown = state as Draft;
  shown.hashrateThs = 0;
  for (const board of shown.boards) {
    board.hashrateThs *= 1 + RATE_SD * noise * scatter(key, board.slot, atMs);
    shown.hashrateThs += board.hashrateThs;
  }
  shown.powerW *= 1 + POWER_SD * noise * scatter(key, 9, atMs);
  return shown;
}
