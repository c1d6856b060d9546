import type {
  AlertRoute,
  AlertRouteInput,
  AlertStep,
  ChannelInput,
  ChannelView,
  DeadLetter,
  Silence,
  SilenceInput,
} from "@hashwatt/protocol/alerting";
import type { DryRun, DryRunOrder } from "@hashwatt/protocol/dryRun";
import type { AlertMember, AlertView } from "@hashwatt/protocol/http";
import type { JobView } from "@hashwatt/protocol/jobs";
import type { PlannedStop, PlannedStopView } from "@hashwatt/protocol/plannedStops";
import type { RuleList } from "@hashwatt/protocol/ruleView";
import type { Setting, SettingChanged } from "@hashwatt/protocol/settings";
import { getJson, query, sendJson } from "../feed/fetchApi.js";

/** A change that is not given up halfway: it has no signal to abort it by. */
const send = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  sendJson<T>(method, path, body, new AbortController().signal);
const of = (kind: string, id: string) => `/api/alerts/${kind}${encodeURIComponent(id)}`;

export const acknowledge = (id: string, note: string) =>
  send<AlertView>("POST", `${of("", id)}/ack`, note ? { note } : {});
export const unacknowledge = (id: string) => send<AlertView>("POST", `${of("", id)}/unack`);
export const snooze = (id: string, untilMs: number, note: string) =>
  send<AlertView>("POST", `${of("", id)}/snooze`, { untilMs, ...(note && { note }) });
export const unsnooze = (id: string) => send<AlertView>("POST", `${of("", id)}/unsnooze`);
export const fetchSteps = (id: string, signal: AbortSignal) =>
  getJson<AlertStep[]>(`${of("", id)}/steps`, signal);
export const fetchMembers = (id: string, signal: AbortSignal) =>
  getJson<AlertMember[]>(`${of("", id)}/members`, signal);
/** Alerts that ended before an instant, newest first, at most `limit`. */
export const fetchEnded = (sinceMs: number, beforeMs: number, limit: number, signal: AbortSignal) =>
  getJson<AlertView[]>(`/api/alerts?${query({ since: sinceMs, before: beforeMs, limit })}`, signal);

export const fetchSilences = (signal: AbortSignal) => getJson<Silence[]>("/api/alerts/silences", signal);
export const addSilence = (silence: SilenceInput) => send<Silence>("POST", "/api/alerts/silence", silence);
export const endSilence = (id: string) => send<Silence>("DELETE", of("silences/", id));

export const fetchChannels = (signal: AbortSignal) => getJson<ChannelView[]>("/api/alerts/channels", signal);
export const putChannel = (id: string, channel: ChannelInput) =>
  send<ChannelView>("PUT", of("channels/", id), channel);
export const removeChannel = (id: string) => send<{ id: string }>("DELETE", of("channels/", id));
export const testChannel = (id: string) =>
  send<{ delivered: boolean; reason?: string }>("POST", `${of("channels/", id)}/test`);

export const fetchRoutes = (signal: AbortSignal) => getJson<AlertRoute[]>("/api/alerts/routes", signal);
export const putRoute = (id: string, route: AlertRouteInput) =>
  send<AlertRoute>("PUT", of("routes/", id), route);
export const removeRoute = (id: string) => send<{ id: string }>("DELETE", of("routes/", id));

export const fetchLetters = (signal: AbortSignal) =>
  getJson<DeadLetter[]>("/api/alerts/dead-letters", signal);
export const sendAgain = (id: string) => send<{ id: string }>("POST", `${of("dead-letters/", id)}/send`);
export const throwAway = (id: string) => send<{ id: string }>("DELETE", of("dead-letters/", id));

const stopPath = (site: string, id: string) =>
  `/api/planned-stops/${encodeURIComponent(site)}/${encodeURIComponent(id)}`;
export const fetchStops = (signal: AbortSignal) => getJson<PlannedStopView[]>("/api/planned-stops", signal);
export const putStop = (site: string, id: string, stop: PlannedStop) =>
  send<{ site: string; id: string }>("PUT", stopPath(site, id), stop);
export const removeStop = (site: string, id: string) =>
  send<{ site: string; id: string }>("DELETE", stopPath(site, id));

export const fetchRules = (signal: AbortSignal) => getJson<RuleList>("/api/alerts/rules", signal);
/** Other numbers for rules, and rules of the operator's own. */
export const fetchRuleSettings = (signal: AbortSignal) =>
  getJson<Setting[]>("/api/settings/alert-rules", signal);
const settingPath = (site: string, id: string) =>
  `/api/settings/alert-rules/${encodeURIComponent(id)}?${query({ site })}`;
/** Sets a rule; refused where it was changed since it was read, or is there already. */
export const putRuleSetting = (site: string, id: string, body: unknown, etag: string | undefined) =>
  sendJson<SettingChanged>(
    "PUT",
    settingPath(site, id),
    body,
    new AbortController().signal,
    etag === undefined ? { "if-none-match": "*" } : { "if-match": etag },
  );
export const removeRuleSetting = ({ site, id, etag }: Setting) =>
  sendJson<SettingChanged>("DELETE", settingPath(site, id), undefined, new AbortController().signal, {
    "if-match": etag,
  });

export const tryRule = (order: Omit<DryRunOrder, "settings"> & Partial<DryRunOrder>) =>
  send<DryRun>("POST", "/api/alerts/dry-run", order);
/** The same for a long time, in the background; `fetchJob` tells how it goes. */
export const tryRuleLong = (order: Omit<DryRunOrder, "settings"> & Partial<DryRunOrder>) =>
  send<JobView>("POST", "/api/jobs/alerts-dry-run", order);
export const fetchJob = (id: string, signal: AbortSignal) =>
  getJson<JobView>(`/api/jobs/${encodeURIComponent(id)}`, signal);
