/** Kinds of telemetry store that config may name. `memory` forgets with the process. */
export const STORE_KINDS = ["duckdb", "influxdb", "memory"] as const;
export type StoreKind = (typeof STORE_KINDS)[number];
