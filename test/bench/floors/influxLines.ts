import { readFileSync } from "node:fs";
import { serve } from "../worker.js";
import { BareInflux, BODY_LINES } from "./bareInflux.js";

/** The official client writing lines that a file has ready: no broker, no parsing, nothing else. */
let influx: BareInflux;

serve({
  async open({ url, database }: { url: string; database: string }) {
    await BareInflux.query(url, `CREATE DATABASE ${database}`);
    influx = new BareInflux(url, database);
  },
  async run({ file }: { file: string }) {
    const lines = readFileSync(file, "utf8").split("\n");
    const startedMs = performance.now();
    for (let at = 0; at < lines.length; at += BODY_LINES)
      await influx.write(lines.slice(at, at + BODY_LINES));
    await influx.settled();
    return { ms: performance.now() - startedMs, lines: lines.length };
  },
});
