import { type DryRunOrder, dryRunOrderSchema } from "@hashwatt/protocol/dryRun";
import { triedBy } from "../cli/alertCommands.js";
import { jobKind } from "./job.js";

/** Rows of five minutes that a job may read: ten thousand rigs over a month. */
const MOST_ROWS = 100_000_000;
const HOUR_MS = 3_600_000;
const NAMED = 20;

/** Tries an alert rule on a long stretch of history. */
export const alertsDryRun = jobKind<DryRunOrder>({
  kind: "alerts-dry-run",
  summary: "Tries an alert rule on stored history that is too long for a request to wait for",
  params: dryRunOrderSchema,
  unit: "hours",
  shown: ({ rule, when, site, fromMs, toMs }) => ({
    rule: rule ?? when ?? "",
    ...(site !== undefined && { site }),
    fromMs,
    toMs,
  }),
  async run(order, { dryRun }, { signal, progress }) {
    const hours = (ms: number) => Math.round((ms - order.fromMs) / HOUR_MS);
    const found = await dryRun(order, MOST_ROWS, (atMs) => {
      signal.throwIfAborted();
      progress(hours(atMs), hours(order.toMs));
    });
    return found.tried.flatMap(({ settings, fired, rigs, firingMs, alerts }) => [
      `${Object.keys(settings).length ? `with ${JSON.stringify(settings)} ` : ""}${found.rule} would have fired ${fired} times of ${rigs} of ${found.rigs} ${found.subject}s, ${(firingMs / HOUR_MS).toFixed(1)} h together (${found.judged} could be judged, ${triedBy(found)})`,
      ...alerts
        .slice(0, NAMED)
        .map(
          ({ name, firedMs, reason }) => `${new Date(firedMs).toISOString().slice(0, 16)} ${name}: ${reason}`,
        ),
    ]);
  },
});
