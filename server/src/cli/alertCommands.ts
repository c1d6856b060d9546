import { type DryRun, dryRunSchema } from "@hashwatt/protocol/dryRun";
import { ServerError } from "../error.js";
import type { JobCommand } from "./jobCommands.js";

const HOUR_MS = 3_600_000;
const SPANS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS };
const wrong = (message: string): ServerError => new ServerError("badRequest", message);

/** `alerts try RULE [SPAN [LIMIT [LIMIT]]]`: what a rule (its id, or `chipTempC > 85 for 2m`) would have told, at the running server. */
export async function alertCommand(
  { api, out }: JobCommand,
  words: readonly string[],
  nowMs: number,
): Promise<void> {
  const [verb = "", rule, span = "24h", ...limits] = words;
  if (verb !== "try") throw wrong(`there is no "alerts ${verb}"; there is try`);
  if (rule === undefined)
    throw wrong('say which rule: alerts try overheating, or alerts try "chipTempC > 85 for 2m"');
  const parts = /^(\d+)([hd])$/.exec(span);
  if (!parts) throw wrong(`"${span}" is no span of time; write 12h or 7d`);
  if (limits.length > 2)
    throw wrong(`"${limits[2]}" is one word too many; at most two limits stand side by side`);
  const settings = limits.map((limit) => {
    if (!Number.isFinite(Number(limit))) throw wrong(`"${limit}" is no limit; write a number`);
    return { limit: Number(limit) };
  });
  const found = await api.ask("POST", "/api/alerts/dry-run", dryRunSchema, {
    ...(/^[A-Za-z0-9._-]+$/.test(rule) ? { rule } : { when: rule }),
    fromMs: nowMs - Number(parts[1]) * SPANS[parts[2]!]!,
    toMs: nowMs,
    ...(settings.length && { settings }),
  });
  const what = `${found.subject}s`;
  for (const { settings: tried, fired, rigs, firingMs, alerts } of found.tried) {
    const by = Object.keys(tried).length ? ` with limit ${tried.limit}` : "";
    out(
      `${found.rule}${by} would have fired ${fired} times of ${rigs} of ${found.rigs} ${what}, ${(firingMs / HOUR_MS).toFixed(1)} h together`,
    );
    for (const { name, firedMs, resolvedMs, reason } of alerts.slice(0, 20)) {
      const lasted =
        resolvedMs === null ? "and goes on" : `for ${Math.round((resolvedMs - firedMs) / 60_000)} min`;
      out(`  ${new Date(firedMs).toISOString().slice(0, 16)} ${name} ${lasted}: ${reason}`);
    }
  }
  out(`${triedBy(found)}; ${found.judged} of ${found.rigs} ${what} could be judged`);
}

/** What a dry run went by, and of how much of its time there is anything. */
export function triedBy({
  basis,
  rawFromMs,
  coverage,
  subject,
}: Pick<DryRun, "basis" | "rawFromMs" | "coverage" | "subject">): string {
  const rows = "5-minute rows, in which a shorter breach may be lost";
  const by =
    subject === "site"
      ? "5-minute rows and the prices that are known now"
      : subject === "market"
        ? "the heights of blocks that are stored"
        : basis === "raw"
          ? "single readings"
          : basis === "5m" || rawFromMs === null
            ? rows
            : `${rows}, and single readings from ${new Date(rawFromMs).toISOString().slice(0, 16)} on`;
  return `by ${by}, with history of ${(coverage * 100).toFixed(1)} % of the time`;
}
