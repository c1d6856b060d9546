import type { ServerFacts } from "../facts.js";
import { MINUTE_MS, numberRule, percent } from "./numberRule.js";

/** Less than 10 % of the disk of the data folder is free. */
export const diskFilling = numberRule<ServerFacts>({
  id: "diskFilling",
  subject: "server",
  severity: "warning",
  limit: 0.1,
  clear: 0.12,
  below: true,
  unit: "of the disk free",
  holdMs: 5 * MINUTE_MS,
  resolveHoldMs: 5 * MINUTE_MS,
  timed: true,
  measure: ({ disk }) => (disk === "none" ? "clear" : disk && disk.freeBytes / disk.totalBytes),
  reason: ({ disk }, { value, limit }) =>
    `${(disk && disk !== "none" ? disk.freeBytes / 1e9 : 0).toFixed(1)} GB of its disk are free, ${percent(value)}, limit ${percent(limit)}: make room or lower store.maxDiskGb`,
  step: 0.01,
});
