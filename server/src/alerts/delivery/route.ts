import type { AlertRoute, Silence } from "@hashwatt/protocol/alerting";
import type { AlertView } from "@hashwatt/protocol/http";
import type { AlertCare, Told } from "./alertCare.js";
import { nextTimeOfDay, windowsEnd } from "./dayWindow.js";
import { type Fitting, fits } from "./fits.js";

const MINUTE_MS = 60_000;

/** Why a channel is told. */
export type Why = "fired" | "resolved" | "repeated" | "escalated" | "digest";

/** What routing rests on. */
export interface RouteWorld {
  /** In their order. */
  routes: readonly AlertRoute[];
  /** Ids of the channels that are on. */
  channels: readonly string[];
  silences: readonly Silence[];
  /** IANA zone of a site. */
  zoneOf(site: string): string;
}

/** One message to be made. */
export interface Send {
  channel: string;
  route: string;
  why: Why;
}

/** What is to be done about an alert now. */
export interface RouteAnswer {
  sends: Send[];
  /** To be put into the digest of a channel. */
  digests: { channel: string; route: string; digestMs: number }[];
  /** Routes that are asked from now on. */
  escalations: { from: string; to: string; afterMin: number }[];
  /** When time alone may change the answer; undefined = never. */
  againMs?: number;
  silencedBy?: string;
  /** Why nothing is said, where something would be. */
  held?: string;
}

const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** The silence that an alert fits at `nowMs`, the longest of them. */
export function silenceOf(
  fitting: Fitting,
  silences: readonly Silence[],
  nowMs: number,
): Silence | undefined {
  let longest: Silence | undefined;
  for (const silence of silences)
    if (
      silence.fromMs <= nowMs &&
      nowMs < silence.untilMs &&
      (!longest || silence.untilMs > longest.untilMs) &&
      fits(silence.match, fitting)
    )
      longest = silence;
  return longest;
}

/**
 * Who is to be told what of an alert at `nowMs`, given whom its care says to have been told. Pure: asked again with the same
 * it says the same, and once its sends are noted in the care it says nothing more until time or somebody changes something.
 */
export function route(
  alert: AlertView,
  fitting: Fitting,
  care: AlertCare,
  world: RouteWorld,
  nowMs: number,
): RouteAnswer {
  const answer: RouteAnswer = { sends: [], digests: [], escalations: [] };
  const again = (ms: number) => {
    if (ms > nowMs && (answer.againMs === undefined || ms < answer.againMs)) answer.againMs = ms;
  };
  const zone = world.zoneOf(alert.site);
  if (alert.state === "pending" || alert.firedMs === null) return answer;
  digestsDue(care, world, nowMs, answer, again);
  if (alert.state === "resolved") {
    ends(alert, care, world, zone, nowMs, answer, again);
    return answer;
  }
  // First of all: whoever has silenced it sees that, whatever else keeps it quiet.
  const silence = silenceOf(fitting, world.silences, nowMs);
  for (const { fromMs } of world.silences) again(fromMs);
  if (silence) {
    answer.silencedBy = silence.id;
    answer.held = `Silenced until ${at(silence.untilMs)} by ${silence.by}`;
    again(silence.untilMs);
    return answer;
  }
  if (alert.quietUntilMs !== undefined) {
    answer.held = `Another round soon after its end: told only if it still fires at ${at(alert.quietUntilMs)}`;
    return answer;
  }
  if (alert.partOf !== undefined) {
    answer.held = "Told with others like it, as one";
    again(nowMs + MINUTE_MS);
    return answer;
  }
  if (care.snoozedUntilMs !== undefined && nowMs < care.snoozedUntilMs) {
    answer.held = `Snoozed until ${at(care.snoozedUntilMs)}`;
    again(care.snoozedUntilMs);
    return answer;
  }
  const handled = new Set<string>();
  for (const each of world.routes) {
    const isEscalated = care.escalated.includes(each.id);
    if (each.off || (each.escalationOnly && !isEscalated) || !fits(each.match, fitting)) continue;
    ask(each, isEscalated, { alert, care, world, zone, nowMs, answer, again, handled });
    if (each.last) break;
  }
  return answer;
}

interface Asked {
  alert: AlertView;
  care: AlertCare;
  world: RouteWorld;
  zone: string;
  nowMs: number;
  answer: RouteAnswer;
  again(ms: number): void;
  /** Channels that an earlier route has decided about. */
  handled: Set<string>;
}

/** What one route says of a firing alert. */
function ask(
  each: AlertRoute,
  isEscalated: boolean,
  { alert, care, world, zone, nowMs, answer, again, handled }: Asked,
): void {
  const workEnd = windowsEnd(each.maintenance, zone, nowMs);
  const quietEnd = windowsEnd(each.quiet, zone, nowMs);
  const passes = (each.pass ?? ["danger"]).includes(alert.severity);
  const heldMs = workEnd ?? (passes ? undefined : quietEnd);
  if (heldMs !== undefined) {
    answer.held = `${workEnd === undefined ? "Quiet hours" : "Maintenance"} of route ${each.id} until ${at(heldMs)}`;
    again(heldMs);
  }
  const firedMs = alert.firedMs!;
  const escalated = each.escalationOnly === true && isEscalated;
  for (const channel of each.channels ?? world.channels) {
    if (!world.channels.includes(channel) || handled.has(channel)) continue;
    handled.add(channel);
    const told = care.told[channel];
    if (heldMs !== undefined) continue;
    if (told?.firedMs !== firedMs) {
      if (each.digestAt !== undefined) {
        const digestMs = nextTimeOfDay(each.digestAt, zone, nowMs);
        answer.digests.push({ channel, route: each.id, digestMs });
        again(digestMs);
      } else answer.sends.push({ channel, route: each.id, why: escalated ? "escalated" : "fired" });
      if (each.repeatMin !== undefined) again(nowMs + each.repeatMin * MINUTE_MS);
    } else if (told.digestMs === undefined) {
      // Whoever has taken up five rigs does not know of five hundred.
      if (hasDoubled(alert, told)) answer.sends.push({ channel, route: each.id, why: "repeated" });
      else repeats(each, channel, told, care, nowMs, answer, again);
    }
  }
  if (!each.escalate || care.ack || care.escalated.includes(each.escalate.to)) return;
  const dueMs = firedMs + each.escalate.afterMin * MINUTE_MS;
  if (nowMs < dueMs) again(dueMs);
  else answer.escalations.push({ from: each.id, to: each.escalate.to, afterMin: each.escalate.afterMin });
}

/** Whether a group is at least twice what the channel was told of; not known of one that was told before sizes were kept. */
const hasDoubled = ({ members }: AlertView, told: Told): boolean =>
  members !== undefined && told.members !== undefined && members.count >= 2 * told.members;

/** Whether a channel that was told is told again: a snooze is over, or it has been long without anybody taking it up. */
function repeats(
  each: AlertRoute,
  channel: string,
  told: Told,
  care: AlertCare,
  nowMs: number,
  answer: RouteAnswer,
  again: (ms: number) => void,
): void {
  const wokeMs = care.snoozedUntilMs;
  if (wokeMs !== undefined && told.atMs < wokeMs && wokeMs <= nowMs) {
    answer.sends.push({ channel, route: each.id, why: "repeated" });
    return;
  }
  if (each.repeatMin === undefined || care.ack) return;
  const dueMs = told.atMs + each.repeatMin * MINUTE_MS;
  if (nowMs >= dueMs) answer.sends.push({ channel, route: each.id, why: "repeated" });
  else again(dueMs);
}

/** Whoever was told that this round fired is told that it has ended, in quiet hours at their end. */
function ends(
  alert: AlertView,
  care: AlertCare,
  world: RouteWorld,
  zone: string,
  nowMs: number,
  answer: RouteAnswer,
  again: (ms: number) => void,
): void {
  for (const [channel, told] of Object.entries(care.told)) {
    if (told.done || told.digestMs !== undefined || told.firedMs !== alert.firedMs) continue;
    if (!world.channels.includes(channel)) continue;
    const by = world.routes.find(({ id }) => id === told.route);
    if (by?.resolved === false) continue;
    const heldMs =
      windowsEnd(by?.maintenance, zone, nowMs) ??
      ((by?.pass ?? ["danger"]).includes(alert.severity) ? undefined : windowsEnd(by?.quiet, zone, nowMs));
    if (heldMs === undefined) answer.sends.push({ channel, route: told.route, why: "resolved" });
    else again(heldMs);
  }
}

/** What stands in a digest goes out with it, whatever has become of it. */
function digestsDue(
  care: AlertCare,
  world: RouteWorld,
  nowMs: number,
  answer: RouteAnswer,
  again: (ms: number) => void,
): void {
  for (const [channel, { digestMs, done, route }] of Object.entries(care.told)) {
    if (digestMs === undefined || done || !world.channels.includes(channel)) continue;
    if (nowMs >= digestMs) answer.sends.push({ channel, route, why: "digest" });
    else again(digestMs);
  }
}

/** Notes in a care what an answer says is sent. */
export function noteSends(care: AlertCare, alert: AlertView, answer: RouteAnswer, nowMs: number): void {
  const firedMs = alert.firedMs ?? nowMs;
  const size = alert.members && { members: alert.members.count };
  for (const { to } of answer.escalations) care.escalated.push(to);
  for (const { channel, route, digestMs } of answer.digests)
    care.told[channel] = { atMs: nowMs, firedMs, route, ...size, digestMs };
  for (const { channel, route, why } of answer.sends) {
    const before = care.told[channel];
    if ((why === "resolved" || why === "digest") && before) care.told[channel] = { ...before, done: true };
    else care.told[channel] = { atMs: nowMs, firedMs, route, ...size };
  }
}
