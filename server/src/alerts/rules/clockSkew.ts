import type { AgentFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** The clock of an agent's machine is more than 30 s off. Its readings are stamped right all the same, until it forgets by how much. */
export const clockSkew = numberRule<AgentFacts>({
  id: "clockSkew",
  subject: "agent",
  severity: "notice",
  limit: 30,
  clear: 10,
  unit: "s",
  holdMs: 5 * MINUTE_MS,
  resolveHoldMs: 5 * MINUTE_MS,
  timed: true,
  measure({ view }) {
    return view.clockOffsetMs === null ? undefined : Math.abs(view.clockOffsetMs) / 1_000;
  },
  reason: ({ view }, { value }) =>
    `The clock of its machine is ${Math.round(value)} s ${(view.clockOffsetMs ?? 0) > 0 ? "behind" : "ahead"}: let it follow an NTP server`,
  step: 30,
});
