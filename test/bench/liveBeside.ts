import type { Totals } from "@hashwatt/protocol/http";
import type { JobView } from "@hashwatt/protocol/jobs";
import type { Ledger } from "@hashwatt/protocol/ledger";
import { until } from "../support/wait.js";
import { bounded, type Figure, reported } from "./figure.js";
import type { LedgerFill } from "./ledgerFill.js";
import type { Stack } from "./stack.js";
import { quantile } from "./statistics.js";
import { agesOf, type Measured } from "./toldAges.js";

const INTERVAL_MS = 5_000;
const REST_MS = 15_000;
/** As of the bench `latency`. */
const P99_MS = 400;

/** What a real server's screens were told at rest and while it priced everything anew. */
export interface LiveBeside {
  /** `month`: what makes a month's seconds of the ms that were measured. */
  figures(month: number, note: string): Figure[];
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Starts the server on what was filled and an agent that reads the rigs; measures a screen's ages before and while a job prices all of it anew. */
export async function liveBeside(
  stack: Stack,
  { site, rigs, addresses = [], fromMs, toMs }: LedgerFill,
  say: (line: string) => void,
): Promise<LiveBeside> {
  await stack.startServer();
  await stack.startAgent(
    "a1",
    addresses.map(({ host, port }) => `${host}:${port}`),
    { intervalMs: INTERVAL_MS },
  );
  await stack.reporting(rigs);
  const { fleet } = await stack.get<Totals>("/api/totals");
  if (fleet.rigs !== rigs) throw new Error(`${fleet.rigs} rigs instead of the ${rigs} that were filled`);
  say("a real server looks at what has other rates now");
  await until(
    "the ledger is as its config says",
    async () => {
      const { parts } = await stack.get<{ parts: Record<string, { note: string }> }>("/api/health");
      const { due, pricedToMs } = await stack.get<Ledger>(
        `/api/ledger?site=${site}&from=${fromMs}&to=${toMs}&step=month`,
      );
      return parts.ledger?.note === "priced" && !due.length && (pricedToMs ?? 0) >= toMs;
    },
    600_000,
    1_000,
  );
  say("a screen at rest");
  const rest = await agesOf(stack.httpUrl, () => sleep(REST_MS));
  say("a screen while a job prices it anew");
  const startedMs = performance.now();
  let ms = 0;
  const beside = await agesOf(stack.httpUrl, async () => {
    const answer = await fetch(`${stack.httpUrl}/api/jobs/reprice`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: stack.httpUrl },
      body: JSON.stringify({ site, fromMs, toMs }),
    });
    const started = (await answer.json()) as JobView;
    if (answer.status !== 202) throw new Error(JSON.stringify(started));
    for (;;) {
      const job = await stack.get<JobView>(`/api/jobs/${started.id}`);
      if (job.state !== "running") {
        if (job.state !== "done") throw new Error(JSON.stringify(job));
        break;
      }
      await sleep(250);
    }
    ms = performance.now() - startedMs;
  });
  const due = (rigs * ms) / INTERVAL_MS;
  if (beside.ages.length < 0.9 * due)
    throw new Error(`${beside.ages.length} readings came of ${Math.round(due)} that were due`);
  const ages = (name: string, { ages, lateness }: Measured): Figure[] => [
    bounded(
      `${name}: p99`,
      quantile(ages, 0.99),
      "ms",
      { atMost: P99_MS },
      { note: `${ages.length} readings` },
    ),
    reported(`${name}: p50`, quantile(ages, 0.5), "ms"),
    reported(`${name}: a bare timer is late at p99`, quantile(lateness, 0.99), "ms"),
  ];
  return {
    figures: (month, note) => [
      bounded("a job of a live server prices it anew", ms * month, "s", { atMost: 60 }, { note }),
      ...ages("rig to screen at rest", rest),
      ...ages("rig to screen meanwhile", beside),
    ],
  };
}
