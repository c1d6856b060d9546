import { gunzipSync } from "node:zlib";
import type { Sample } from "@hashwatt/protocol/sample";
import { connectAsync } from "mqtt";
import { type SoakSpan, soakFound } from "./soakFound.js";
import { serve } from "./worker.js";

/** Times of the readings of every batch that was sent, by stream and number; what is sent twice counts once. */
const heard = new Map<string, Float64Array>();

serve({
  /** Listens to what the agents send, from now on. */
  async listen({ url, topic }: { url: string; topic: string }) {
    const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 1_000 });
    client.on("message", (_topic, payload) => {
      const text = payload[0] === 0x1f ? gunzipSync(payload).toString() : payload.toString();
      const { stream, seq, samples } = JSON.parse(text) as { stream: string; seq: number; samples: Sample[] };
      heard.set(
        `${stream} ${seq}`,
        Float64Array.from(samples, ({ atMs }) => atMs),
      );
    });
    await client.subscribeAsync(topic, { qos: 1 });
  },
  /** What is stored of a span, and how many readings of it the agents have sent. */
  async check(span: SoakSpan) {
    let made = 0;
    for (const times of heard.values())
      for (const atMs of times) if (atMs >= span.fromMs && atMs < span.toMs) made++;
    return { made, found: await soakFound(span) };
  },
});
