import { copyFileSync, mkdirSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Ledger } from "@hashwatt/protocol/ledger";
import { HOUR_MS } from "@hashwatt/server/rollup/row";
import { againstFloor, type Bench, bounded, reported } from "./figure.js";
import { fillRollups, openPricer, openState, STATE_FILE } from "./ledgerFill.js";
import { openStack } from "./stack.js";
import { quantile } from "./statistics.js";
import { startWorker } from "./worker.js";

/** A site's rows are as many whatever stands there. */
const RIGS = 50;
const DAYS = 31;
const DAY_MS = 24 * HOUR_MS;

/** A month of a site by hour through the HTTP API of the real server, against the bare sums on a copy of its file. */
export const bench: Bench = async ({ seconds, say }) => {
  const stack = await openStack("ledger-query");
  const floor = startWorker("floors/barePricing.ts");
  try {
    const [ours, copy] = [join(stack.folder, "server"), join(stack.folder, "copy")];
    for (const path of [ours, copy]) mkdirSync(path);
    const toMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const fill = { folder: ours, site: stack.site, rigs: RIGS, fromMs: toMs - DAYS * DAY_MS, toMs };
    say(`a ledger of ${RIGS} rigs over ${DAYS} days`);
    await fillRollups(fill);
    const state = await openState(ours);
    const { pricer } = await openPricer(state, fill);
    pricer.rolledUp(toMs);
    await pricer.step();
    await pricer.close();
    await state.close();
    copyFileSync(join(ours, STATE_FILE), join(copy, STATE_FILE));
    await floor.call("open", { folder: copy });
    await stack.startServer();
    const month = { fromMs: toMs - (DAYS - 1) * DAY_MS, toMs };
    const path = `/api/ledger?site=${stack.site}&from=${month.fromMs}&to=${month.toMs}&step=hour`;
    const [times, floors, meanwhile]: [number[], number[], number[]] = [[], [], []];
    const points = (DAYS - 1) * 24;
    /** One question; whether hours of the answer wait to be priced anew. */
    const round = async (into?: number[]): Promise<boolean> => {
      const bare = await floor.call<{ ms: number; points: number }>("month", { site: stack.site, ...month });
      const startedMs = performance.now();
      // Until all of it is there: what a reader makes of it is a reader's own time.
      const packed = await bytesOf(`${stack.httpUrl}${path}`);
      const ms = performance.now() - startedMs;
      const text = String(gunzipSync(packed));
      const { rows, due } = JSON.parse(text) as Ledger;
      if (rows?.length !== points || bare.points !== points)
        throw new Error(
          `${rows?.length} and ${bare.points} rows instead of ${points}: ${text.slice(0, 300)}`,
        );
      into?.push(ms);
      if (into === times) floors.push(bare.ms);
      return due.length > 0;
    };
    for (let i = 0; i < 10; i++) await round();
    say("while its hours are priced anew, for the server knows other rates");
    const givenUpMs = performance.now() + 120_000;
    while (await round(meanwhile))
      if (performance.now() > givenUpMs) throw new Error("the ledger is not priced after two minutes");
    say("at rest");
    const until = performance.now() + seconds * 1000;
    for (let i = 0; (i < 30 || performance.now() < until) && i < 400; i++) await round(times);
    const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
    return [
      bounded("a month of a site by hour: p95", p95, "ms", { atMost: 50 }, { note: `${points} rows` }),
      againstFloor("the same: p50", p50, quantile(floors, 0.5), "ms", { atMost: 12 }),
      reported("the same: p50 in itself", p50, "ms"),
      reported("the same while its hours are priced anew: p95", quantile(meanwhile, 0.95), "ms", {
        note: `${meanwhile.length} answers`,
      }),
    ];
  } finally {
    await stack.close();
    await floor.stop();
  }
};

/** The packed body of an answer. */
const bytesOf = (url: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { "accept-encoding": "gzip" } }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on("data", (piece: Buffer) => pieces.push(piece));
      answer.once("end", () => resolve(Buffer.concat(pieces)));
      answer.once("error", reject);
    }).once("error", reject);
  });
