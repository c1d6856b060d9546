import type { AgentFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** An agent that speaks is more than a quarter of an hour behind, for ten minutes: it cannot send as fast as it reads. */
export const spoolGrowing = numberRule<AgentFacts>({
  id: "spoolGrowing",
  subject: "agent",
  severity: "warning",
  limit: 15,
  clear: 5,
  unit: "min behind",
  holdMs: 10 * MINUTE_MS,
  resolveHoldMs: 5 * MINUTE_MS,
  timed: true,
  measure({ view, silentMs }) {
    if (silentMs === undefined || silentMs > 0) return undefined;
    return view.behindMs === null ? 0 : view.behindMs / MINUTE_MS;
  },
  reason: ({ view }, { value }) =>
    `${lengthText(value)} of readings wait in its spool (${((view.spoolBytes ?? 0) / 1e6).toFixed(1)} MB)`,
  step: 5,
});

/** Minutes as a person says them: 25 min, 7 h, 29.7 d. */
const lengthText = (minutes: number): string =>
  minutes < 120
    ? `${Math.round(minutes)} min`
    : minutes < 2_880
      ? `${Math.round(minutes / 60)} h`
      : `${(minutes / 1_440).toFixed(1)} d`;
