import type { ServerFacts } from "../facts.js";
import { MINUTE_MS, numberRule } from "./numberRule.js";

/** The store of readings does not work, for a minute. Nothing is lost meanwhile: agents keep what is not acknowledged. */
export const storeDown = numberRule<ServerFacts>({
  id: "storeDown",
  subject: "server",
  severity: "warning",
  limit: 0,
  clear: 0,
  unit: "",
  holdMs: MINUTE_MS,
  resolveHoldMs: MINUTE_MS,
  timed: true,
  measure: ({ store }) => (store.ok ? 0 : 1),
  reason: ({ store }) =>
    `The store of readings does not work: ${store.note}; agents keep their readings meanwhile`,
  step: 1,
});
