import { join, resolve } from "node:path";
import type { Clock } from "@hashwatt/protocol/time";
import type { InfluxConfig } from "../config/influx.js";
import { ServerError } from "../error.js";
import { DuckTelemetryStore } from "./duck/telemetry.js";
import type { Influx, InfluxOptions } from "./influx/influx.js";
import type { LostLines } from "./influx/writer.js";
import { TELEMETRY_FILE } from "./inspect.js";
import type { StoreKind } from "./kinds.js";
import { aboutFolder, claimFolder, signFolder } from "./lock.js";
import { MemoryTelemetryStore } from "./memory.js";
import { MemoryStateStore } from "./state/memory.js";
import { openState } from "./state/openState.js";
import type { StateStore } from "./state/state.js";
import type { TelemetryStore } from "./store.js";

/** What an InfluxDB as the telemetry store needs. */
export interface OpenInfluxOptions extends Omit<InfluxOptions, "config"> {
  /** Where it is; absent = the config forgot to say. */
  config: InfluxConfig | undefined;
  /** Hears of lines that it will not hold. */
  lost(lines: LostLines): void;
}

/** What opening needs. `report` gets sentences about damage that shows later, while the stores are open. */
export interface OpenStoresOptions {
  dataDir: string;
  kind: StoreKind;
  clock: Pick<Clock, "nowMs">;
  report?: (text: string) => void;
  /** For kind `influxdb`. */
  influx?: OpenInfluxOptions;
}

/** The open stores. `reports` are sentences about what was damaged and what was done: events for the operator. */
export interface OpenStores {
  telemetry: TelemetryStore;
  state: StateStore;
  /** The InfluxDB that holds the telemetry; undefined with another store. */
  influx?: Influx;
  reports: string[];
  close(): Promise<void>;
}

/**
 * Opens both stores of a data folder. Neither file's damage takes the other down: raw samples start anew, the state is
 * restored from its newest export. An InfluxDB need not be there. Throws ServerError `storeLocked`, `storeDamaged`, `storeSchema`, `storeFull`,
 * `dataFolder` or `storeFailed`.
 */
export async function openStores(options: OpenStoresOptions): Promise<OpenStores> {
  const { kind, clock, report = () => undefined } = options;
  switch (kind) {
    case "memory": {
      const [telemetry, state] = [new MemoryTelemetryStore(), new MemoryStateStore()];
      return {
        telemetry,
        state,
        reports: [],
        async close() {
          await telemetry.close();
          await state.close();
        },
      };
    }
    case "influxdb":
      return openInflux(options);
    case "duckdb": {
      const dataDir = resolve(options.dataDir);
      const claim = claimFolder(dataDir);
      try {
        const state = await openState(dataDir, () => clock.nowMs(), report);
        signFolder(dataDir);
        const telemetry = await DuckTelemetryStore.open({
          path: join(dataDir, TELEMETRY_FILE),
          nowMs: () => clock.nowMs(),
          report,
        }).catch(async (cause) => {
          await state.store.close();
          throw cause;
        });
        return {
          telemetry: telemetry.store,
          state: state.store,
          reports: [...state.reports, ...telemetry.reports],
          async close() {
            await telemetry.store.close();
            await state.store.close();
            claim[Symbol.dispose]();
          },
        };
      } catch (cause) {
        claim[Symbol.dispose]();
        throw aboutFolder(dataDir, cause);
      }
    }
  }
}

async function openInflux(options: OpenStoresOptions): Promise<OpenStores> {
  const { influx: wanted, clock, report = () => undefined } = options;
  if (!wanted?.config)
    throw new ServerError(
      "config",
      "store.influx: must say where the InfluxDB is, e.g. url: http://127.0.0.1:8086",
    );
  const { config, lost } = wanted;
  const dataDir = resolve(options.dataDir);
  // Most have none, and need not hold its client.
  const { Influx } = await import("./influx/influx.js");
  const { InfluxTelemetryStore } = await import("./influx/telemetry.js");
  const claim = claimFolder(dataDir);
  try {
    const influx = new Influx({ ...wanted, config });
    const state = await openState(dataDir, () => clock.nowMs(), report);
    signFolder(dataDir);
    const telemetry = new InfluxTelemetryStore({
      influx,
      state: state.store,
      nowMs: () => clock.nowMs(),
      lost,
    });
    return {
      telemetry,
      state: state.store,
      influx,
      reports: state.reports,
      async close() {
        await telemetry.close();
        await state.store.close();
        claim[Symbol.dispose]();
      },
    };
  } catch (cause) {
    claim[Symbol.dispose]();
    throw aboutFolder(dataDir, cause);
  }
}
