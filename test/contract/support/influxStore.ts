import { basename, join } from "node:path";
import { systemClock } from "@hashwatt/protocol/time";
import { type InfluxConfig, influxSchema } from "@hashwatt/server/config/influx";
import { Influx } from "@hashwatt/server/store/influx/influx";
import { InfluxTelemetryStore } from "@hashwatt/server/store/influx/telemetry";
import type { LostLines } from "@hashwatt/server/store/influx/writer";
import { DuckStateStore } from "@hashwatt/server/store/state/duck";
import type { TelemetryStore } from "@hashwatt/server/store/store";
import { DAY_MS } from "./day.js";

const REAL_DAY_MS = 86_400_000;

/** Days that reach back from the real present to the made-up day, which an InfluxDB takes nothing older than. */
const rawDays = Math.max(30, Math.ceil((Date.now() - DAY_MS) / REAL_DAY_MS) + 30);

/** What {@link openInfluxStore} may be told beside where the InfluxDB is. */
export interface InfluxStoreOptions {
  nowMs?: () => number;
  lost?: (lines: LostLines) => void;
}

/** The config of an InfluxDB by its keys in a file. */
export const influxConfig = (keys: Record<string, unknown>): InfluxConfig => influxSchema.parse(keys);

/**
 * A telemetry store in an InfluxDB, with a database named after the folder and a state file in it. Closing it closes both. What
 * the InfluxDB does not store is an error, unless `lost` is told.
 */
export async function openInfluxStore(
  keys: Record<string, unknown>,
  folder: string,
  options: InfluxStoreOptions = {},
): Promise<TelemetryStore> {
  const { nowMs = () => DAY_MS + 7 * 3_600_000, lost = refuse } = options;
  const { store: state } = await DuckStateStore.open({ path: join(folder, "hashwatt.duckdb"), nowMs });
  const database = basename(folder).replace(/[^A-Za-z0-9]/g, "");
  const influx = new Influx({
    config: influxConfig({ database, ...keys }),
    clock: systemClock,
    keep: { rawDays, rollupDays: rawDays },
  });
  const store = new InfluxTelemetryStore({ influx, state, nowMs, lost });
  const close = store.close.bind(store);
  store.close = async () => {
    await close();
    await state.close();
  };
  return store;
}

function refuse({ count, why }: LostLines): never {
  throw new Error(`${count} lines not stored: ${why}`);
}
