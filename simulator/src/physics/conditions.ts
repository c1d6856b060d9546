import type { RigModel } from "../models.js";
import type { Conditions, PoolLink } from "../rigState.js";

const LATENCY_MS = 40;
const REJECT_RATIO = 0.0025;

/** The pool and its two stand-ins that every rig of the fleet is configured with. */
export function usualPools(worker: string): PoolLink[] {
  return ["pool", "pool2", "pool3"].map((host) => ({
    url: `stratum+tcp://${host}.example.com:3333`,
    user: worker,
    alive: true,
    latencyMs: LATENCY_MS,
    rejectRatio: REJECT_RATIO,
  }));
}

/** A rig that nothing is wrong with. */
export function soundConditions(model: RigModel, worker: string): Conditions {
  return {
    fanHealth: Array.from({ length: model.fanCount }, () => 1),
    flow: 1,
    supply: 1,
    asleep: false,
    powerLimitW: undefined,
    lostBoards: [],
    lostChips: Array.from({ length: model.boardCount }, () => 0),
    fouling: 1,
    ageYears: 0,
    pools: usualPools(worker),
    divertedRatio: 0,
    reboots: 0,
    noise: 1,
  };
}
