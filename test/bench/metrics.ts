import { Agent, get } from "node:http";
import { type Bench, bounded, reported } from "./figure.js";
import { processUsage } from "./processUsage.js";
import { openStack } from "./stack.js";
import { median, quantile } from "./statistics.js";
import { startWorker } from "./worker.js";

const RIGS = 10_000;
const INTERVAL_MS = 5_000;
const PING_MS = 5;
const WINDOW_MS = 2_500;
/** So that a window holds several scrapes; Prometheus itself comes every 15 s or so. */
const PAUSE_MS = 250;

const http = new Agent({ keepAlive: true, maxSockets: 1 });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long the smallest of all requests takes, ms: what it waits for is the server's event loop. */
function ping(url: string): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    get(`${url}/api/version`, { agent: http }, (response) => {
      response.resume();
      response.on("end", () => resolve(performance.now() - startedMs));
    }).on("error", reject);
  });
}

async function pingsDuring(url: string, until: () => boolean): Promise<number[]> {
  const pings: number[] = [];
  while (!until()) {
    pings.push(await ping(url));
    await sleep(PING_MS);
  }
  return pings;
}

/** A fleet that reports while Prometheus reads every rig of it: how long others wait, in windows with and without a scrape by turns. */
export const bench: Bench = async ({ seconds, say }) => {
  const stack = await openStack("metrics");
  const publisher = startWorker("publisher.ts");
  const scraper = startWorker("scraper.ts");
  try {
    const server = await stack.startServer({ metrics: { perRig: true } });
    await publisher.call("connect", { url: stack.mqttUrl, site: stack.site, agent: "a1" });
    await publisher.call("prepare", {
      from: 0,
      rigs: RIGS,
      samples: RIGS,
      perBatch: 500,
      kind: "full",
      intervalMs: INTERVAL_MS,
      startMs: Date.now(),
      round: 0,
      evidence: true,
    });
    say(`${RIGS} rigs`);
    await publisher.call("send", { window: 8 });
    await publisher.call("pace", { rigs: RIGS, intervalMs: INTERVAL_MS, batchMs: 100, kind: "full" });
    await stack.reporting(RIGS);
    await sleep(INTERVAL_MS);

    const url = `${stack.httpUrl}/metrics`;
    const [quiet, busy, scrapes]: [number[], number[], { ms: number; bytes: number; series: number }[]] = [
      [],
      [],
      [],
    ];
    let scrapeCpuUs = 0;
    const window = async (scraping: boolean) => {
      const before = processUsage(server.pid);
      const startedMs = performance.now();
      let done = false;
      const work = scraping
        ? scraper.call<typeof scrapes>("scrapeFor", { url, ms: WINDOW_MS, pauseMs: PAUSE_MS })
        : sleep(WINDOW_MS).then(() => []);
      const finished = work.finally(() => {
        done = true;
      });
      const pings = await pingsDuring(stack.httpUrl, () => done);
      return {
        pings,
        made: await finished,
        cpuUs: processUsage(server.pid).cpuUs - before.cpuUs,
        ms: performance.now() - startedMs,
      };
    };
    await window(true);
    say("scrapes and quiet by turns");
    for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
      const rest = await window(false);
      const with_ = await window(true);
      quiet.push(...rest.pings);
      busy.push(...with_.pings);
      scrapes.push(...with_.made);
      scrapeCpuUs += with_.cpuUs - (rest.cpuUs / rest.ms) * with_.ms;
    }
    const [{ series, bytes }] = scrapes.slice(-1) as [(typeof scrapes)[number]];
    const note = `${scrapes.length} scrapes of ${series} series, ${(bytes / 1e6).toFixed(2)} MB gzip; beside it the same without a scrape`;
    return [
      bounded(
        "another request while every rig is read: p99",
        quantile(busy, 0.99),
        "ms",
        { atMost: 25 },
        { floor: quantile(quiet, 0.99), note },
      ),
      reported("another request while every rig is read: p50", quantile(busy, 0.5), "ms", {
        floor: quantile(quiet, 0.5),
      }),
      reported("a scrape", median(scrapes.map(({ ms }) => ms)), "ms"),
      reported("server CPU per scrape", scrapeCpuUs / scrapes.length / 1_000, "ms"),
    ];
  } finally {
    http.destroy();
    await publisher.stop();
    await scraper.stop();
    await stack.close();
  }
};
