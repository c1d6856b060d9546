import { efficiencyJPerTh } from "@hashwatt/protocol/units";
import type { FleetTable } from "../feed/fleetTable.js";
import type { FleetQuery, SortKey } from "./fleetQuery.js";
import { rigStatus } from "./rigStatus.js";

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/**
 * The natural order of the fleet: by site, then by name, digits as numbers. Collation is slow, so it is worked out once per
 * change of structure and every other order falls back on its ranks.
 */
export function naturalOrder(table: FleetTable): number[] {
  const rows = table.rig.map((_, row) => row);
  const sites = rows.map((row) => table.text("site", row) ?? "");
  const names = rows.map((row) => table.text("name", row) ?? "");
  rows.sort(
    (a, b) =>
      collator.compare(sites[a]!, sites[b]!) ||
      collator.compare(names[a]!, names[b]!) ||
      table.rig[a]! - table.rig[b]!,
  );
  return rows.map((row) => table.rig[row]!);
}

/** Share of the nominal hashrate; null where either is unknown. */
export function nominalRatio(table: FleetTable, row: number): number | null {
  const hashrate = table.number("hashrateThs", row);
  const nominal = table.number("nominalThs", row);
  return hashrate === null || nominal === null || nominal <= 0 ? null : hashrate / nominal;
}

/** J/TH of a row; null where it does not hash or either figure is unknown. */
export function rowEfficiency(table: FleetTable, row: number): number | null {
  const hashrate = table.number("hashrateThs", row);
  const power = table.number("powerW", row);
  return hashrate === null || power === null ? null : (efficiencyJPerTh(power, hashrate) ?? null);
}

function sortValue(table: FleetTable, row: number, key: SortKey, nowMs: number): number | string | null {
  switch (key) {
    case "name":
      return null;
    case "status":
      return rigStatus(table, row, nowMs);
    case "model":
    case "site":
      return table.text(key, row);
    case "nominalRatio":
      return nominalRatio(table, row);
    case "efficiencyJPerTh":
      return rowEfficiency(table, row);
    case "age": {
      const receivedMs = table.number("receivedMs", row);
      return receivedMs === null ? null : -receivedMs;
    }
    default:
      return table.number(key, row);
  }
}

/** Which part of the fleet: a site, or all with the empty string. */
type Filter = Pick<FleetQuery, "text" | "status" | "model"> & { site: string };

/** Whether a row is in a state, or has what a filter beside the states is named after. */
function isIn(table: FleetTable, row: number, status: string, nowMs: number): boolean {
  if (status === "alert") return table.text("alert", row) !== null;
  if (status === "faults") return (table.number("faults", row) ?? 0) > 0;
  return rigStatus(table, row, nowMs) === status;
}

function keeps(
  table: FleetTable,
  row: number,
  filter: Filter,
  words: readonly string[],
  nowMs: number,
): boolean {
  if (filter.site && table.text("site", row) !== filter.site) return false;
  if (filter.model && table.text("model", row) !== filter.model) return false;
  if (filter.status) {
    if (!isIn(table, row, filter.status, nowMs)) return false;
  }
  if (words.length === 0) return true;
  const text = (["name", "address", "model", "make", "firmware", "site", "agent"] as const)
    .map((column) => table.text(column, row) ?? "")
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * The rigs that a query shows, in its order, out of `natural` order. Unknown values come last whichever way it is sorted,
 * equal ones stay in natural order.
 */
export function rowOrder(
  table: FleetTable,
  natural: readonly number[],
  query: Pick<FleetQuery, "text" | "status" | "model" | "sort" | "descending"> & { site: string },
  nowMs: number,
): number[] {
  const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
  const kept: { rig: number; rank: number; value: number | string | null }[] = [];
  natural.forEach((rig, rank) => {
    const row = table.row(rig);
    if (row === undefined || !keeps(table, row, query, words, nowMs)) return;
    kept.push({ rig, rank, value: sortValue(table, row, query.sort, nowMs) });
  });
  const sign = query.descending ? -1 : 1;
  if (query.sort === "name") {
    if (query.descending) kept.reverse();
  } else
    kept.sort((a, b) => {
      if (a.value === b.value) return a.rank - b.rank;
      if (a.value === null) return 1;
      if (b.value === null) return -1;
      return (a.value < b.value ? -1 : 1) * sign;
    });
  return kept.map(({ rig }) => rig);
}
