import type { Totals } from "@hashwatt/protocol/http";
import type { FleetTable } from "../feed/fleetTable.js";

/** A feed is not called silent before so long, whatever the interval. */
const LEAST_MS = 30_000;
const MISSED = 3;

/** The shortest interval at which any rig of the table is read, ms; undefined while none is known. */
export function shortestInterval(table: FleetTable): number | undefined {
  let shortest: number | undefined;
  for (let row = 0; row < table.size; row++) {
    const ms = table.number("intervalMs", row);
    if (ms !== null && ms > 0 && (shortest === undefined || ms < shortest)) shortest = ms;
  }
  return shortest;
}

/**
 * How long nothing has been read, ms, once that is longer than three intervals and 30 s; undefined while readings are
 * fresh or none has come at all.
 */
export function silentMs(
  totals: Totals | undefined,
  nowMs: number,
  intervalMs: number | undefined,
): number | undefined {
  const newest = totals?.newestMs;
  if (newest === null || newest === undefined) return undefined;
  const ageMs = nowMs - newest;
  return ageMs > Math.max(LEAST_MS, MISSED * (intervalMs ?? 0)) ? ageMs : undefined;
}
