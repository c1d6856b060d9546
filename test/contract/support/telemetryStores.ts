import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckTelemetryStore } from "@hashwatt/server/store/duck/telemetry";
import { MemoryTelemetryStore } from "@hashwatt/server/store/memory";
import { DuckStateStore } from "@hashwatt/server/store/state/duck";
import { MemoryStateStore } from "@hashwatt/server/store/state/memory";
import type { StateStore } from "@hashwatt/server/store/state/state";
import type { TelemetryStore } from "@hashwatt/server/store/store";
import { DAY_MS } from "./day.js";

/** A folder of its own for a test, gone when disposed. */
export function tempFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "hashwatt-store-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A telemetry store that config may name, and what is to be known of it. */
export interface TelemetryStoreKind {
  /** Whether it keeps what it holds when it is closed and opened again. */
  durable: boolean;
  /** Whether it ends what is old, and keeps its bytes, by itself and elsewhere. */
  keptElsewhere: boolean;
  /** Opens it in a folder; what was written there before is in it, and nothing else. */
  open(folder: string): Promise<TelemetryStore>;
}

/** Every telemetry store but those that need a server. */
export const TELEMETRY_STORES: Record<string, TelemetryStoreKind> = {
  memory: { durable: false, keptElsewhere: false, open: async () => new MemoryTelemetryStore() },
  duckdb: {
    durable: true,
    keptElsewhere: false,
    open: async (folder) =>
      (
        await DuckTelemetryStore.open({
          path: join(folder, "telemetry.duckdb"),
          nowMs: () => DAY_MS,
          report: () => undefined,
        })
      ).store,
  },
};

/** Every state store, opened in a folder. */
export const STATE_STORES: Record<string, (folder: string) => Promise<StateStore>> = {
  memory: async () => new MemoryStateStore(),
  duckdb: async (folder) =>
    (await DuckStateStore.open({ path: join(folder, "hashwatt.duckdb"), nowMs: () => DAY_MS })).store,
};

/** State stores that keep what they hold when closed and opened again. */
export const DURABLE = ["duckdb"];
