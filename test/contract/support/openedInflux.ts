import { STATUSES } from "@hashwatt/protocol/sample";
import { systemClock } from "@hashwatt/protocol/time";
import { Influx } from "@hashwatt/server/store/influx/influx";
import { InfluxTelemetryStore } from "@hashwatt/server/store/influx/telemetry";
import { MemoryStateStore } from "@hashwatt/server/store/state/memory";
import { expect } from "vitest";
import { influxConfig } from "./influxStore.js";

/** When the samples of these tests are from. */
export const nowMs = Date.now();

/** A line of a reading. */
export const line = (rig: number, atMs = nowMs, value = "1"): string =>
  `rig,rig=r${rig},site=north powerW=${value} ${atMs}`;

/** Connections to InfluxDBs that a test opens by the keys of a config, to be closed together. */
export class Opened {
  readonly #all: Influx[] = [];

  open(keys: Record<string, unknown>, notes: string[] = []): Influx {
    const influx = new Influx({
      config: influxConfig(keys),
      clock: systemClock,
      keep: { rawDays: 7, rollupDays: 400 },
      note: (text) => notes.push(text),
    });
    this.#all.push(influx);
    return influx;
  }

  close(): void {
    for (const influx of this.#all.splice(0)) influx.close();
  }
}

/** What a store reads back of the last minute of two rigs: rig, age, status and power of each reading. */
export async function readBack(influx: Influx): Promise<unknown> {
  const state = new MemoryStateStore();
  const lost = () => expect.unreachable("nothing was written");
  const store = new InfluxTelemetryStore({ influx, state, nowMs: () => nowMs, lost });
  const rows = await store.raw({ fromMs: nowMs - 60_000, toMs: nowMs, rigs: [2, 11] });
  return rows.map(({ rig, atMs, status, powerW }) => [rig, nowMs - atMs, STATUSES[status], powerW]);
}
/** What {@link readBack} must find. */
export const READ = [
  [2, 5_000, "mining", 3_000],
  [2, 1_000, "unreachable", null],
  [11, 2_000, "mining", 3_100],
];
