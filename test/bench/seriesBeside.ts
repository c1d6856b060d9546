import { Agent, get } from "node:http";
import { createGunzip } from "node:zlib";
import type { Series } from "@hashwatt/protocol/http";
import { againstFloor, type Figure, reported } from "./figure.js";
import { quantile } from "./statistics.js";

/** Asks as a browser does, compression included; `ms` from the request to the last byte. */
function ask(http: Agent, url: string): Promise<{ ms: number; bytes: number; body: string }> {
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

/** A history through the API, and the bare query for the same points, in turns. */
export interface SeriesBeside {
  name: string;
  /** Points that both must answer with, give or take two at the ends. */
  points: number;
  /** Of the API; `i` counts the rounds. */
  url(i: number): string;
  bare(i: number): Promise<{ ms: number; points: number }>;
  seconds: number;
}

/** Measures {@link SeriesBeside}: p95 against at most three times the bare query's, and p50. */
export async function seriesBeside(options: SeriesBeside): Promise<{ figures: Figure[]; p95Ms: number }> {
  const { name, points, url, bare, seconds } = options;
  const http = new Agent({ keepAlive: true, maxSockets: 1 });
  const ours: number[] = [];
  const floors: number[] = [];
  let bytes = 0;
  const round = async (i: number, counts: boolean) => {
    const queried = await bare(i);
    const answer = await ask(http, url(i));
    const series = JSON.parse(answer.body) as Series;
    if (Math.abs(series.tMs.length - points) > 2 || Math.abs(queried.points - points) > 2)
      throw new Error(`${name}: ${series.tMs.length} and ${queried.points} points instead of ${points}`);
    if (!counts) return;
    ours.push(answer.ms);
    floors.push(queried.ms);
    bytes = answer.bytes;
  };
  try {
    for (let i = 0; i < 10; i++) await round(i, false);
    const until = performance.now() + seconds * 1000;
    for (let i = 0; (i < 60 || performance.now() < until) && i < 600; i++) await round(i, true);
  } finally {
    http.destroy();
  }
  const note = `${ours.length} requests, ${points} points, ${(bytes / 1000).toFixed(1)} kB gzip`;
  const p95Ms = quantile(ours, 0.95);
  return {
    figures: [
      againstFloor(`${name}: p95`, p95Ms, quantile(floors, 0.95), "ms", { atMost: 3 }, { note }),
      reported(`${name}: p50`, quantile(ours, 0.5), "ms", { floor: quantile(floors, 0.5) }),
    ],
    p95Ms,
  };
}
