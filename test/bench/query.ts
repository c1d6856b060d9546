import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { HOUR_MS } from "@hashwatt/server/rollup/row";
import { type Bench, bounded } from "./figure.js";
import { prefill } from "./prefill.js";
import { seriesBeside } from "./seriesBeside.js";
import { openStack } from "./stack.js";
import { startWorker } from "./worker.js";

const RIGS = 1_000;
const RAW_RIGS = 100;
const DAYS = 30;
const DAY_MS = 24 * HOUR_MS;

/** Histories through the HTTP API of the real server, against the bare query for the same points on a copy of its files. */
export const bench: Bench = async ({ seconds, say }) => {
  const stack = await openStack("query");
  const floor = startWorker("floors/bareQuery.ts");
  try {
    const dataDir = join(stack.folder, "server");
    const copy = join(stack.folder, "copy");
    mkdirSync(dataDir);
    mkdirSync(copy);
    const endMs = Math.floor(Date.now() / 60_000) * 60_000;
    await prefill(
      {
        store: { kind: "duckdb", dataDir },
        site: stack.site,
        rigs: RIGS,
        rawRigs: RAW_RIGS,
        intervalMs: 5_000,
        days: DAYS,
        endMs,
      },
      say,
    );
    for (const name of ["telemetry.duckdb", "hashwatt.duckdb"])
      copyFileSync(join(dataDir, name), join(copy, name));
    await floor.call("open", { folder: copy });
    await stack.startServer();

    const compare = async (
      name: string,
      points: number,
      ours: (i: number) => string,
      theirs: (i: number) => [string, unknown],
    ) => {
      say(name);
      const url = (i: number) => `${stack.httpUrl}${ours(i)}`;
      const bare = (i: number) => floor.call<{ ms: number; points: number }>(...theirs(i));
      const { figures, p95Ms } = await seriesBeside({ name, points, url, bare, seconds: seconds / 3 });
      return [...figures, bounded(`${name}: p95 in itself`, p95Ms, "ms", { atMost: 50 })];
    };
    const stepMs = 60_000;
    const day = { fromMs: endMs - DAY_MS, toMs: endMs, stepMs };
    const hourEnd = Math.floor(endMs / HOUR_MS) * HOUR_MS;
    const month = { fromMs: hourEnd - (DAYS - 1) * DAY_MS, toMs: hourEnd, stepMs: HOUR_MS };
    return [
      ...(await compare(
        "one rig 24 h",
        DAY_MS / stepMs,
        (i) =>
          `/api/rigs/r${1 + ((i * 7) % RAW_RIGS)}/series?from=${day.fromMs}&to=${day.toMs}&step=${stepMs}&fields=hashrateThs,powerW,chipTempC,fanRpm`,
        (i) => ["rig", { rig: 1 + ((i * 7) % RAW_RIGS), ...day }],
      )),
      ...(await compare(
        "site 30 days",
        (DAYS - 1) * 24,
        () =>
          `/api/sites/${stack.site}/series?from=${month.fromMs}&to=${month.toMs}&step=${HOUR_MS}&fields=hashrateThs,powerW,energyKwh,profitPerH`,
        () => ["site", { site: stack.site, ...month }],
      )),
    ];
  } finally {
    await stack.close();
    await floor.stop();
  }
};
