import type { FleetTable } from "../feed/fleetTable.js";
import type { ShownStatus } from "../parts/Marks.js";

/** As the server judges it: three intervals without a reading, at least half a minute. */
const MISSED_POLLS = 3;
const LEAST_MS = 30_000;

const STATUSES = new Set<string>(["mining", "starting", "idle", "sleeping", "fault", "unreachable"]);

/** Whether a reading that arrived at `receivedMs` is too old to be the present, at the server's `nowMs`. */
export const isOld = (nowMs: number, receivedMs: number, intervalMs: number | null | undefined): boolean =>
  nowMs - receivedMs > Math.max(LEAST_MS, MISSED_POLLS * (intervalMs ?? 0));

/** What the screen calls a row's state at the server's `nowMs`; an old reading is stale, whatever it said. */
export function rigStatus(table: FleetTable, row: number, nowMs: number): ShownStatus {
  const status = table.text("status", row);
  const receivedMs = table.number("receivedMs", row);
  if (status === null || receivedMs === null) return "unknown";
  if (isOld(nowMs, receivedMs, table.number("intervalMs", row))) return "stale";
  return STATUSES.has(status) ? (status as ShownStatus) : "unknown";
}
