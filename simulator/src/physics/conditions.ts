import type { RigModel } from "../models.js";
import type { Conditions, PoolLink } from "../rigState.js";

const LATENCY_MS = 40;
const REJECT_RATIO = 0.0025;

const POOL_URLS = ["pool", "pool2", "pool3"].map((host) => `stratum+tcp://${host}.example.com:3333`);

/** The pool and its two stand-ins that every rig of the fleet is configured with. */
export function usualPools(worker: string): PoolLink[] {
  return POOL_URLS.map((url) => ({
    url,
    user: worker,
    alive: true,
    latencyMs: LATENCY_MS,
    rejectRatio: REJECT_RATIO,
  }));
}

const NO_BOARDS: readonly number[] = [];
/** Lists of the same number, by their length: all sound rigs of a fleet have the same ones. */
const lists: Record<0 | 1, Map<number, readonly number[]>> = { 0: new Map(), 1: new Map() };

function listOf(value: 0 | 1, length: number): readonly number[] {
  let list = lists[value].get(length);
  if (list === undefined) {
    list = Array.from({ length }, () => value);
    lists[value].set(length, list);
  }
  return list;
}

/** Chips of a board that answer: more than all of them cannot die, however much befalls them. */
export const liveChips = ({ chipsPerBoard }: RigModel, { lostChips }: Conditions, slot: number): number =>
  Math.max(0, chipsPerBoard - (lostChips[slot] ?? 0));

/** A rig that nothing is wrong with. */
export function soundConditions(model: RigModel, worker: string): Conditions {
  return {
    fanHealth: listOf(1, model.fanCount),
    flow: 1,
    supply: 1,
    asleep: false,
    powerLimitW: undefined,
    lostBoards: NO_BOARDS,
    lostChips: listOf(0, model.boardCount),
    fouling: 1,
    ageYears: 0,
    pools: usualPools(worker),
    divertedRatio: 0,
    reboots: 0,
    noise: 1,
  };
}
