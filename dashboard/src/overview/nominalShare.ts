import type { FleetTable } from "../feed/fleetTable.js";
import { rigStatus } from "../fleet/rigStatus.js";

/**
 * Hashrate as a share of nominal over the rigs of an algorithm whose nominal is known; one that does not answer counts as
 * lost. Null where no nominal is known. `rigs` says how many the share is about.
 */
export function nominalShare(
  table: FleetTable,
  rigs: readonly number[],
  algo: string,
  nowMs: number,
): { ratio: number | null; rigs: number } {
  let hashrateThs = 0;
  let nominalThs = 0;
  let counted = 0;
  for (const rig of rigs) {
    const row = table.row(rig);
    if (row === undefined || table.text("algo", row) !== algo) continue;
    const nominal = table.number("nominalThs", row);
    if (nominal === null) continue;
    counted++;
    nominalThs += nominal;
    const status = rigStatus(table, row, nowMs);
    const hashrate = table.number("hashrateThs", row);
    if (hashrate !== null && status !== "stale" && status !== "unreachable") hashrateThs += hashrate;
  }
  return { ratio: nominalThs > 0 ? hashrateThs / nominalThs : null, rigs: counted };
}
