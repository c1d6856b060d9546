import type { AlertRoute, Silence } from "@hashwatt/protocol/alerting";
import type { Logger } from "pino";
import { type KnownNames, matchProblem } from "./matchProblem.js";

/**
 * Says at the start which routes and silences name what is gone since they were made: a rule of the operator's own, a site, a channel of
 * the config. They hold on, and fit what they fit.
 */
export function warnOfGone(
  routes: readonly AlertRoute[],
  silences: readonly Silence[],
  known: KnownNames & { channels: readonly string[] },
  nowMs: number,
  log: Pick<Logger, "warn">,
): void {
  for (const { id, match, channels } of routes) {
    const channel = channels?.find((each) => !known.channels.includes(each));
    if (channel !== undefined) log.warn({ route: id, channel }, "route names a channel that is gone");
    const problem = matchProblem(match, known);
    if (problem !== undefined) log.warn({ route: id, problem }, "route names what is gone");
  }
  for (const { id, match, untilMs } of silences) {
    const problem = untilMs > nowMs ? matchProblem(match, known) : undefined;
    if (problem !== undefined) log.warn({ silence: id, problem }, "silence names what is gone");
  }
}
