import type { Reading } from "../reading.js";

/** The keys of `agent read --json` in their order: a public contract; keys may be added at the end, never changed. */
const KEYS = [
  "status",
  "algo",
  "make",
  "model",
  "firmware",
  "apiVersion",
  "dialect",
  "mac",
  "serial",
  "hostname",
  "hashrateThs",
  "hashrateAvgThs",
  "nominalThs",
  "powerW",
  "powerSource",
  "powerLimitW",
  "inletTempC",
  "boardTempC",
  "chipTempC",
  "fansRpm",
  "boards",
  "pools",
  "uptimeS",
  "targetThs",
  "powerMode",
  "outletTempC",
  "coolantTempC",
  "psuTempC",
  "fanDutyRatio",
  "faults",
  "notes",
  "shares",
] as const satisfies readonly (keyof Reading)[];

const BOARD_KEYS = [
  "slot",
  "hashrateThs",
  "boardTempC",
  "chipTempC",
  "chips",
  "chipsExpected",
  "hwErrors",
  "frequencyMHz",
  "voltageV",
  "serial",
  "nominalThs",
] as const;

const POOL_KEYS = [
  "url",
  "user",
  "status",
  "active",
  "accepted",
  "rejected",
  "stale",
  "acceptedDiff",
  "rejectedDiff",
  "latencyMs",
] as const;

/** A reading with exactly the keys of the contract, in its order; what was not reported is absent. */
export function contractReading(reading: Reading): Record<string, unknown> {
  const out = pick(reading, KEYS);
  if (reading.boards) out.boards = reading.boards.map((board) => pick(board, BOARD_KEYS));
  if (reading.pools) out.pools = reading.pools.map((pool) => pick(pool, POOL_KEYS));
  return out;
}

function pick<T extends object>(from: T, keys: readonly (keyof T & string)[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key of keys) if (from[key] !== undefined) out[key] = from[key];
  return out;
}
