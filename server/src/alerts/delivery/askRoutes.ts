import type { AlertView } from "@hashwatt/protocol/http";
import { type AlertCare, note } from "./alertCare.js";
import type { Fitting } from "./fits.js";
import { noteSends, type RouteAnswer, type RouteWorld, route } from "./route.js";

/** Escalations in one look: each asks another route. */
const MAX_ESCALATIONS = 4;

const TOLD = {
  fired: "Told",
  resolved: "Told the end to",
  repeated: "Told again",
  escalated: "Told, for nobody has acknowledged it,",
  digest: "Sent in the daily summary to",
} as const;

/**
 * Asks the routes about one alert, those too that others escalate to, and notes in its care what is sent and why. A channel
 * that may be told only later, as `freeMs` says, is asked about again then.
 */
export function askRoutes(
  alert: AlertView,
  fitting: Fitting,
  care: AlertCare,
  world: RouteWorld,
  nowMs: number,
  freeMs: (channel: string) => number,
): RouteAnswer {
  const all: RouteAnswer = { sends: [], digests: [], escalations: [] };
  for (let turn = 0; turn < MAX_ESCALATIONS; turn++) {
    const answer = route(alert, fitting, care, world, nowMs);
    let againMs = answer.againMs ?? Number.POSITIVE_INFINITY;
    const sends = answer.sends.filter(({ channel }) => {
      const free = freeMs(channel);
      if (free > nowMs) againMs = Math.min(againMs, free);
      return free <= nowMs;
    });
    noteSends(care, alert, { ...answer, sends }, nowMs);
    for (const { to, afterMin } of answer.escalations)
      note(care, nowMs, `Not acknowledged for ${afterMin} min: route ${to} is asked too`);
    for (const { why, channel, route: by } of sends)
      note(care, nowMs, `${TOLD[why]} ${channel}${by ? `, by route ${by}` : ""}`);
    for (const { channel, route: by } of answer.digests)
      note(care, nowMs, `Put into the daily summary for ${channel}, by route ${by}`);
    if (answer.held !== undefined) {
      all.held = answer.held;
      note(care, nowMs, answer.held);
    }
    all.sends.push(...sends);
    all.digests.push(...answer.digests);
    all.escalations.push(...answer.escalations);
    if (answer.silencedBy !== undefined) all.silencedBy = answer.silencedBy;
    if (againMs < (all.againMs ?? Number.POSITIVE_INFINITY)) all.againMs = againMs;
    if (!answer.escalations.length) break;
  }
  return all;
}
