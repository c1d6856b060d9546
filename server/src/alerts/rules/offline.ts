import { isReporting, type RigView } from "../../fleet/rigView.js";
import type { Rule, RuleContext } from "./rule.js";

export const OFFLINE_HOLD_MS = 300_000;

const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const silentSince = (
  answeredMs: number | undefined,
  firstSeenMs: number,
  { heardSinceMs }: RuleContext,
): number => Math.max(answeredMs ?? firstSeenMs, heardSinceMs);

function why({ reading, stale, mayHaveAnswered, record }: RigView): string {
  if (!reading) return mayHaveAnswered ? "nothing has arrived since the server started" : "no reading yet";
  return stale
    ? `nothing arrives from agent ${record.agent}`
    : `agent ${record.agent} gets no answer at ${record.evidence.address}`;
}

/** What its agent tells of a rig that answers and has never been read; undefined for any other. */
const neverRead = ({ answeredMs, mayHaveAnswered, record }: RigView): string | undefined =>
  answeredMs === undefined && !mayHaveAnswered ? record.evidence.notes?.[0]?.text : undefined;

function reasonOf(view: RigView, sinceMs: number): string {
  const note = neverRead(view);
  return note === undefined ? `No answer: ${why(view)}; ${lastAnswer(view, sinceMs)}` : `No reading: ${note}`;
}

function lastAnswer({ answeredMs, mayHaveAnswered, record }: RigView, sinceMs: number): string {
  if (answeredMs !== undefined) return `last answer ${utc(answeredMs)}`;
  if (mayHaveAnswered) return `when it last answered is not known, at the latest ${utc(sinceMs)}`;
  return `it has not answered since it was added ${utc(record.firstSeenMs)}`;
}

/**
 * A rig that has not answered for five minutes, whether its agent says so or is gone itself. A sleeping rig answers and is
 * no outage. Time in which the server could not hear its agents does not count.
 */
export const offline: Rule = {
  id: "offline",
  subject: "rig",
  severity: "money",
  quietInStop: true,
  holdMs: OFFLINE_HOLD_MS,
  samples: 1,
  clearSamples: 1,
  resolveHoldMs: 0,
  timed: true,
  inhibitedBy: [],
  check(view, _firing, { heardSinceMs, nowMs }) {
    if (isReporting(view)) return "clear";
    return heardSinceMs > nowMs ? "unknown" : "breach";
  },
  since: (view, context) => silentSince(view.answeredMs, view.record.firstSeenMs, context),
  // Its value is how long it lasts, which moves by itself.
  step: () => 1,
  describe(view, context, sinceMs, before, settings) {
    const { record } = view;
    const { currency } = context.rates(record.site);
    return {
      value: Math.floor((context.nowMs - sinceMs) / 60_000),
      limit: settings.holdMs / 60_000,
      unit: "min",
      limitSource: settings.setBy ?? "rule",
      reason: reasonOf(view, sinceMs),
      lossPerH: lossPerH(view, before?.currency === currency ? before.lossPerH : null),
      currency,
    };
  },
};

/** What the rig earned when it last mined; a restart may have forgotten that, the alert has not. A rig that ran at a loss loses nothing by being off. */
const lossPerH = ({ lastProfitPerH }: RigView, toldPerH: number | null): number | null =>
  lastProfitPerH === undefined ? toldPerH : Math.max(0, lastProfitPerH);
