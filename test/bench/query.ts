import { copyFileSync, mkdirSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import type { Series } from "@hashwatt/protocol/http";
import { HOUR_MS } from "@hashwatt/server/rollup/row";
import { againstFloor, type Bench, bounded, type Figure, reported } from "./figure.js";
import { prefill } from "./prefill.js";
import { openStack } from "./stack.js";
import { quantile } from "./statistics.js";
import { startWorker } from "./worker.js";

const RIGS = 1_000;
const RAW_RIGS = 100;
const DAYS = 30;
const DAY_MS = 24 * HOUR_MS;

const http = new Agent({ keepAlive: true, maxSockets: 1 });

/** Asks as a browser does, compression included; `ms` from the request to the last byte. */
function ask(url: string): Promise<{ ms: number; bytes: number; body: string }> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent: http, headers: { "accept-encoding": "gzip" } }, (response) => {
      const zipped = response.headers["content-encoding"] === "gzip";
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      let ms = 0;
      response.on("end", () => {
        ms = performance.now() - startedMs;
      });
      const text = zipped ? response.pipe(createGunzip()) : response;
      const chunks: Buffer[] = [];
      text.on("data", (chunk: Buffer) => chunks.push(chunk));
      text.on("error", reject);
      text.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        if (response.statusCode !== 200)
          reject(new Error(`${url}: ${response.statusCode} ${body.slice(0, 300)}`));
        else resolve({ ms, bytes, body });
      });
    }).on("error", reject);
  });
}

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
      { dataDir, site: stack.site, rigs: RIGS, rawRigs: RAW_RIGS, intervalMs: 5_000, days: DAYS, endMs },
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
    ): Promise<Figure[]> => {
      say(name);
      const api: number[] = [];
      const bare: number[] = [];
      let bytes = 0;
      const round = async (i: number, counts: boolean) => {
        const [call, args] = theirs(i);
        const queried = await floor.call<{ ms: number; points: number }>(call, args);
        const answer = await ask(`${stack.httpUrl}${ours(i)}`);
        const series = JSON.parse(answer.body) as Series;
        if (Math.abs(series.tMs.length - points) > 2 || Math.abs(queried.points - points) > 2)
          throw new Error(`${name}: ${series.tMs.length} and ${queried.points} points instead of ${points}`);
        if (!counts) return;
        api.push(answer.ms);
        bare.push(queried.ms);
        bytes = answer.bytes;
      };
      for (let i = 0; i < 10; i++) await round(i, false);
      const until = performance.now() + (seconds * 1000) / 3;
      for (let i = 0; (i < 60 || performance.now() < until) && i < 600; i++) await round(i, true);
      const note = `${api.length} requests, ${points} points, ${(bytes / 1000).toFixed(1)} kB gzip`;
      return [
        againstFloor(
          `${name}: p95`,
          quantile(api, 0.95),
          quantile(bare, 0.95),
          "ms",
          { atMost: 3 },
          { note },
        ),
        bounded(`${name}: p95 in itself`, quantile(api, 0.95), "ms", { atMost: 50 }),
        reported(`${name}: p50`, quantile(api, 0.5), "ms", { floor: quantile(bare, 0.5) }),
      ];
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
    http.destroy();
    await stack.close();
    await floor.stop();
  }
};
