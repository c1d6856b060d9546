import { createServer } from "node:net";
import { gunzipSync } from "node:zlib";
import type { Sample } from "@hashwatt/protocol/sample";
import { Aedes } from "aedes";
import { serve } from "../worker.js";
import { BareInflux, BODY_LINES } from "./bareInflux.js";
import { bareLine } from "./bareLine.js";

/**
 * The barest server on InfluxDB: its own broker, `JSON.parse`, a line a sample, the official client, and an answer to the
 * agent once InfluxDB has taken the lines. No schema, no identity but a number per handle, no marks, no rollups.
 */
const COMMIT_MS = 250;
serve({
  async open({
    url,
    database,
    port,
    site,
    agent,
  }: Record<"url" | "database" | "site" | "agent", string> & { port: number }) {
    await BareInflux.query(url, `CREATE DATABASE ${database}`);
    const influx = new BareInflux(url, database);
    const broker = await Aedes.createBroker();
    let lines: string[] = [];
    let last = { stream: "", seq: 0 };
    let acked = Promise.resolve();
    const flush = async () => {
      if (!lines.length) return;
      const [body, upTo] = [lines, last];
      lines = [];
      const { stored } = await influx.write(body);
      // In the order of the batches, since an answer covers all before it.
      acked = acked.then(() => stored).then(() => publish(upTo));
    };
    const publish = (ack: { stream: string; seq: number }) =>
      broker.publish(
        {
          cmd: "publish",
          topic: `hashwatt/v1/${site}/agent/${agent}/ack`,
          payload: JSON.stringify({ ...ack, serverMs: Date.now() }),
          qos: 1,
          retain: false,
          dup: false,
        },
        () => {},
      );
    broker.subscribe(
      `hashwatt/v1/${site}/agent/+/batch`,
      ({ payload }, done) => {
        const batch = JSON.parse(gunzipSync(payload as Buffer).toString()) as {
          stream: string;
          seq: number;
          samples: Sample[];
        };
        for (const sample of batch.samples) lines.push(bareLine(site, sample));
        last = { stream: batch.stream, seq: batch.seq };
        if (lines.length >= BODY_LINES) void flush();
        done();
      },
      () => {},
    );
    setInterval(() => void flush(), COMMIT_MS);
    await new Promise<void>((up) => createServer(broker.handle).listen(port, "127.0.0.1", up));
  },
});
