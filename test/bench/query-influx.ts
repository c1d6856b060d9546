import { join } from "node:path";
import { HOUR_MS } from "@hashwatt/server/rollup/row";
import { startInfluxd } from "../support/influxd.js";
import type { Bench } from "./figure.js";
import { prefill } from "./prefill.js";
import { seriesBeside } from "./seriesBeside.js";
import { openStack } from "./stack.js";
import { startWorker } from "./worker.js";

const RIGS = 100;
const DAY_MS = 24 * HOUR_MS;
const STEP_MS = 60_000;

/** A rig's day through the HTTP API of the real server on a real InfluxDB 1.6.7, against the bare query for the same points. */
export const bench: Bench = async ({ seconds, say }) => {
  const influxd = await startInfluxd();
  const stack = await openStack("query-influx");
  const floor = startWorker("floors/influxQuery.ts");
  try {
    const store = {
      kind: "influxdb",
      dataDir: join(stack.folder, "server"),
      influx: { url: influxd.url },
    };
    const endMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    await prefill(
      { store, site: stack.site, rigs: RIGS, rawRigs: RIGS, intervalMs: 5_000, days: 1, endMs },
      say,
    );
    await floor.call("open", { url: influxd.url, database: "hashwatt" });
    await stack.startServer({ store });
    const day = { fromMs: endMs - DAY_MS, toMs: endMs, stepMs: STEP_MS };
    const rig = (i: number) => 1 + ((i * 7) % RIGS);
    say("one rig 24 h");
    const { figures } = await seriesBeside({
      name: "one rig 24 h",
      points: DAY_MS / STEP_MS,
      url: (i) =>
        `${stack.httpUrl}/api/rigs/r${rig(i)}/series?from=${day.fromMs}&to=${day.toMs}&step=${STEP_MS}&fields=hashrateThs,powerW,chipTempC,fanRpm`,
      bare: (i) => floor.call("rig", { rig: rig(i), ...day }),
      seconds,
    });
    return figures;
  } finally {
    await stack.close();
    await floor.stop();
    await influxd[Symbol.asyncDispose]();
  }
};
