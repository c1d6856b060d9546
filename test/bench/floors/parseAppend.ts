import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Sample } from "@hashwatt/protocol/sample";
import { serve } from "../worker.js";
import { BareStore } from "./bareStore.js";

/** Parses and appends the payloads of a file, committing as often as the product does: no broker, no checks, nothing else. */
const COMMIT_ROWS = 5_000;
let store: BareStore;

serve({
  async open({ folder }: { folder: string }) {
    store = await BareStore.open(join(folder, "floor.duckdb"));
  },
  run({ file }: { file: string }) {
    const bytes = readFileSync(file);
    const payloads: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at);
      payloads.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    const startedMs = performance.now();
    let samples = 0;
    let open = 0;
    for (const payload of payloads) {
      const batch = JSON.parse(gunzipSync(payload).toString()) as { samples: Sample[] };
      for (const sample of batch.samples) store.add(sample);
      samples += batch.samples.length;
      open += batch.samples.length;
      if (open >= COMMIT_ROWS) {
        store.flush();
        open = 0;
      }
    }
    store.flush();
    return { ms: performance.now() - startedMs, samples };
  },
});
