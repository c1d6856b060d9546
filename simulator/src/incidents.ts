import type { RigModel } from "./models.js";
import type { Random } from "./random.js";

/** What is wrong with a rig. */
export type Incident = "failing-fan" | "offline" | "sleeping" | "missing-board" | "slow";

/** How many rigs of the fleet have each incident. */
export type IncidentCounts = Readonly<Record<Incident, number>>;

/** Every incident that there is, in the order in which rigs are given one. */
export const INCIDENTS: readonly Incident[] = ["failing-fan", "offline", "sleeping", "missing-board", "slow"];

/** Smaller fleets are healthy unless counts are given: with five of six rigs in trouble there is nothing to compare with. */
export const SMALLEST_MOVING_FLEET = 12;

/** One of each. */
export const ONE_OF_EACH: IncidentCounts = {
  "failing-fan": 1,
  offline: 1,
  sleeping: 1,
  "missing-board": 1,
  slow: 1,
};

/** Which rig (by its place among `models`) has which incident. A rig has at most one; what does not fit into the fleet is left out. */
export function placeIncidents(
  models: readonly Pick<RigModel, "fanCount">[],
  counts: IncidentCounts,
  random: Random,
): Map<number, Incident> {
  const free = random.shuffled(models.map((_, index) => index));
  const placed = new Map<number, Incident>();
  for (const incident of INCIDENTS) {
    for (let left = counts[incident]; left > 0; left--) {
      // Rigs in water or oil have no fan that could fail.
      const at = free.findIndex((index) => incident !== "failing-fan" || models[index]!.fanCount > 0);
      if (at < 0) break;
      placed.set(free.splice(at, 1)[0]!, incident);
    }
  }
  return placed;
}

const WEAR_STARTS_MS = 10_000;
const WEAR_LASTS_MS = 15_000;
/** From so long after the start on, a failing fan is as bad as it gets. */
export const WEAR_TAKES_MS = WEAR_STARTS_MS + WEAR_LASTS_MS;
const WORN_OUT_HEALTH = 0.15;

/** The condition of a failing fan: sound for the first ten seconds, so that a watcher sees it fail. */
export function failingFanHealth(sinceStartMs: number): number {
  const worn = Math.min(1, Math.max(0, (sinceStartMs - WEAR_STARTS_MS) / WEAR_LASTS_MS));
  return 1 - worn * (1 - WORN_OUT_HEALTH);
}

/** How long a slow rig thinks before it answers. */
export const SLOW_REPLY_MS = 2000;
