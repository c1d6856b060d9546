import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { startBrowser } from "../support/browser.js";
import { root } from "../support/program.js";
import { type Bench, bounded, type Figure, reported } from "./figure.js";
import type { PrepareOptions } from "./publisher.js";
import { openStack } from "./stack.js";
import { quantile } from "./statistics.js";
import { startWorker } from "./worker.js";

const RIGS = 10_000;
const INTERVAL_MS = 5_000;
/** A screen that draws each of its 60 frames a second; the browser's own timer is not exact to the last digit. */
const FPS = 59.5;

/** Gzip size of the scripts that a page loads before anything is asked for, kB. */
function mainBundleKb(): number {
  const dist = join(root, "dashboard/dist");
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const scripts = new Set(
    [...html.matchAll(/<(?:script|link)\b[^>]*?(?:src|href)="([^"]+\.js)"/g)].map(([, path]) => path!),
  );
  if (!scripts.size) throw new Error("dashboard/dist/index.html loads no script; was it built?");
  return [...scripts].reduce((sum, path) => sum + gzipSync(readFileSync(join(dist, path))).length, 0) / 1000;
}

/** Time between frames for `ms`, as the page itself sees it; `scrollPx` more of the page at each frame. */
const frames = (page: Page, ms: number, scrollPx = 0): Promise<number[]> =>
  page.evaluate(
    ([forMs, px]) =>
      new Promise<number[]>((resolve) => {
        const deltas: number[] = [];
        let last: number | undefined;
        let direction = 1;
        const startedMs = performance.now();
        const frame = (at: number) => {
          if (last !== undefined) deltas.push(at - last);
          last = at;
          if (px) {
            if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) direction = -1;
            else if (scrollY <= 0) direction = 1;
            scrollBy(0, direction * px);
          }
          if (performance.now() - startedMs < forMs) requestAnimationFrame(frame);
          else resolve(deltas);
        };
        requestAnimationFrame(frame);
      }),
    [ms, scrollPx] as const,
  );

const fpsOf = (deltas: readonly number[]): number =>
  (1000 * deltas.length) / deltas.reduce((sum, d) => sum + d, 0);

/** Frames per second of the fleet page with 10,000 rigs that all change every 5 s, in headless Chromium without a GPU. */
export const bench: Bench = async ({ seconds, say }) => {
  const bundle = bounded("main bundle", mainBundleKb(), "kB gzip", { atMost: 180 });
  const stack = await openStack("screen");
  const publisher = startWorker("publisher.ts");
  let browser: Awaited<ReturnType<typeof startBrowser>> | undefined;
  try {
    await stack.startServer();
    await publisher.call("connect", { url: stack.mqttUrl, site: stack.site, agent: "a1" });
    const first: PrepareOptions = {
      from: 0,
      rigs: RIGS,
      samples: RIGS,
      perBatch: 250,
      kind: "full",
      intervalMs: INTERVAL_MS,
      startMs: Date.now(),
      round: 0,
      evidence: true,
    };
    await publisher.call("prepare", first);
    await publisher.call("send", { window: 8 });
    await publisher.call("pace", { rigs: RIGS, intervalMs: INTERVAL_MS, batchMs: 100, kind: "full" });
    await stack.reporting(RIGS);
    browser = await startBrowser();
    const page = await browser.page({ width: 1440, height: 900 });
    const ms = Math.max(5, seconds / 3) * 1000;

    say("an empty page under the same load");
    await page.goto(`${stack.httpUrl}/api/version`);
    await frames(page, 1_000);
    const empty = await frames(page, 5_000);
    say("the fleet page");
    const openedMs = performance.now();
    await page.goto(`${stack.httpUrl}/fleet`);
    await page.waitForSelector('[data-connection="live"]');
    await page.waitForSelector('[data-testid="heat-map"]');
    await page.waitForSelector('[data-testid="rig-table"] [data-rig]');
    const shownMs = performance.now() - openedMs;
    await frames(page, 3_000);
    const still = await frames(page, ms);
    say("the fleet page while it is scrolled");
    const scrolled = await frames(page, ms, 120);
    const figures = (name: string, deltas: readonly number[], bound: boolean): Figure[] => {
      const floor = fpsOf(empty);
      const note = `${deltas.length} frames, longest ${quantile(deltas, 1).toFixed(0)} ms; software rendering; the floor is an empty page`;
      return [
        bound
          ? bounded(name, fpsOf(deltas), "fps", { atLeast: FPS }, { floor, note })
          : reported(name, fpsOf(deltas), "fps", { floor, note }),
        reported(`${name}: frame time p95`, quantile(deltas, 0.95), "ms", { floor: quantile(empty, 0.95) }),
      ];
    };
    return [
      ...figures("heat-map and table under update", still, true),
      ...figures("the same while scrolled", scrolled, false),
      reported("fleet page opened", shownMs, "ms"),
      bundle,
    ];
  } finally {
    await browser?.close();
    await stack.close();
    await publisher.stop();
  }
};
