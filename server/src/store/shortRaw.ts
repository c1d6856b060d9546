import type { StoreKind } from "./kinds.js";

/** A spool keeps readings for 6 days unless its agent is told otherwise, and they take a while to come in. */
const ENOUGH_DAYS = 7;

/** What is lost where raw samples go before a spool may bring what belongs beside them; undefined where they do not. */
export function shortRaw({ kind, rawDays }: { kind: StoreKind; rawDays: number }): string | undefined {
  if (kind === "memory" || rawDays >= ENOUGH_DAYS) return undefined;
  const but = kind === "influxdb" ? ", unless the InfluxDB keeps them longer" : "";
  return `store.rawDays is ${rawDays}, and an agent's spool brings readings up to 6 days late: those that come after more than ${rawDays} are summed up and priced only where nothing else is held of their rig and time${but}; set ${ENOUGH_DAYS} or more`;
}
