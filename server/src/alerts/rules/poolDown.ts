import type { PoolFacts } from "../facts.js";
import { MINUTE_MS, numberRule, percent } from "./numberRule.js";

/** Half of the rigs of a site that list a pool, and answer, say that it is dead, for a minute: one alert, however many they are. */
export const poolDown = numberRule<PoolFacts>({
  id: "poolDown",
  subject: "pool",
  severity: "money",
  limit: 0.5,
  clear: 0.2,
  unit: "of its rigs",
  holdMs: MINUTE_MS,
  resolveHoldMs: 3 * MINUTE_MS,
  timed: true,
  measure: ({ rigs, lost }) => (rigs ? lost.length / rigs : undefined),
  reason: ({ rigs, lost, name }, { value }) =>
    `${lost.length} of ${rigs} rigs (${percent(value)}) that list ${name} say that it is dead`,
  step: 0.1,
});
