import type { AgentFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** Nothing has come for two minutes of an agent that reads rigs, although the server hears others. Its rigs are told under it. */
export const agentSilent = numberRule<AgentFacts>({
  id: "agentSilent",
  subject: "agent",
  severity: "money",
  limit: 2,
  clear: 0.5,
  unit: "min",
  holdMs: 0,
  resolveHoldMs: 0,
  samples: 1,
  clearSamples: 1,
  timed: true,
  measure({ silentMs, rigs, heardSinceMs }, { nowMs }) {
    if (!rigs) return "clear";
    if (silentMs === undefined || nowMs - heardSinceMs < 2 * MINUTE_MS) return undefined;
    return Math.floor((silentMs / MINUTE_MS) * 10) / 10;
  },
  reason: ({ rigs, view, name }, { value }) =>
    `Nothing has come from agent ${name} for ${Math.floor(value)} min; it reads ${rigs} rigs${view.note === undefined ? "" : ` (${view.note})`}`,
  step: 1,
});
