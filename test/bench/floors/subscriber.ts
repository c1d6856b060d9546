import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Sample } from "@hashwatt/protocol/sample";
import { connectAsync } from "mqtt";
import { serve } from "../worker.js";
import { BareStore } from "./bareStore.js";

/** The barest server: takes the batches off the broker, parses, appends, keeps the last value of each rig, commits every 250 ms. */
const COMMIT_MS = 250;
const last: Sample[] = [];
let samples = 0;
let batches = 0;

serve({
  async start({ url, topic, folder }: { url: string; topic: string; folder: string }) {
    const store = await BareStore.open(join(folder, "floor.duckdb"));
    const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });
    let dirty = false;
    client.on("message", (_topic, payload) => {
      const text = payload[0] === 0x1f ? gunzipSync(payload).toString() : payload.toString();
      const batch = JSON.parse(text) as { samples: Sample[] };
      for (const sample of batch.samples) last[store.add(sample)] = sample;
      samples += batch.samples.length;
      batches++;
      dirty = true;
    });
    await client.subscribeAsync(topic, { qos: 1 });
    setInterval(() => {
      if (dirty) store.flush();
      dirty = false;
    }, COMMIT_MS);
  },
  /** What came so far. */
  seen: () => ({ samples, batches, rigs: last.length - 1 }),
});
