import { Agent, get } from "node:http";
import { createGunzip } from "node:zlib";
import { serve } from "./worker.js";

const http = new Agent({ keepAlive: true, maxSockets: 1 });

/** One scrape as Prometheus makes it, packed; counts series and lets the text go. */
function scrape(url: string): Promise<{ ms: number; bytes: number; series: number }> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent: http, headers: { "accept-encoding": "gzip" } }, (response) => {
      let [bytes, series, atLineStart] = [0, 0, true];
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      const text = response.pipe(createGunzip());
      text.on("data", (chunk: Buffer) => {
        for (const byte of chunk) {
          if (atLineStart && byte !== 35) series++;
          atLineStart = byte === 10;
        }
      });
      text.on("error", reject);
      text.on("end", () => {
        if (response.statusCode === 200) resolve({ ms: performance.now() - startedMs, bytes, series });
        else reject(new Error(`${url}: ${response.statusCode}`));
      });
    }).on("error", reject);
  });
}

/** Prometheus, in a process of its own: what it does with the text must not stand in the measurement. */
serve({
  async scrapeFor({ url, ms, pauseMs }: { url: string; ms: number; pauseMs: number }) {
    const scrapes: { ms: number; bytes: number; series: number }[] = [];
    for (const end = performance.now() + ms; performance.now() < end; ) {
      scrapes.push(await scrape(url));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return scrapes;
  },
});
