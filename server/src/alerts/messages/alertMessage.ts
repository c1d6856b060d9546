import type { AlertView } from "@hashwatt/protocol/http";

/** Why a message is sent: `fired` tells of what began and what ended, `repeated` of what still fires, `test` of nothing. */
export type MessageWhy = "fired" | "repeated" | "escalated" | "digest" | "refresh" | "test";

/** Alerts of one rule and state in a message, counted before it was cut. */
export interface MessageGroup {
  rule: string;
  state: AlertView["state"];
  severity: AlertView["severity"];
  count: number;
  sites: string[];
  /** Sum of the known losses in one currency; null where none is known or currencies differ. */
  lossPerH: number | null;
  currency?: string;
}

/** One message to the outside: alerts that fired or resolved together. */
export interface AlertMessage {
  v: 1;
  /** The same message has the same id, however often it is tried: a receiver may know it again by it. */
  id?: string;
  why?: MessageWhy;
  sentMs: number;
  /** At most as many as the channel takes; `more` says how many further ones the same moment had. */
  alerts: AlertView[];
  more: number;
  groups?: MessageGroup[];
  /** Page of the alerts, where the config says how this server is called. */
  link?: string;
}
export const MESSAGE_ALERTS = 100;

const MAX_GROUPS = 20;
const MAX_SITES = 8;
const RANK = { danger: 0, warning: 1, money: 2, notice: 3 } as const;

/** What needs attention first: what fires, danger, what loses most, what is older. */
const byUrgency = (a: AlertView, b: AlertView): number =>
  Number(a.state === "resolved") - Number(b.state === "resolved") ||
  RANK[a.severity] - RANK[b.severity] ||
  (b.lossPerH ?? -1) - (a.lossPerH ?? -1) ||
  a.pendingMs - b.pendingMs;

/** Puts alerts into messages of at most `most` alerts each; `whole`: into as many as it takes, else into one that says how many more. */
export function messagesOf(
  alerts: readonly AlertView[],
  most: number,
  whole: boolean,
  rest: Pick<AlertMessage, "why" | "sentMs" | "link">,
): AlertMessage[] {
  const sorted = [...alerts].sort(byUrgency);
  const groups = groupsOf(sorted);
  const parts: AlertMessage[] = [];
  for (let from = 0; from < sorted.length && (whole || from === 0); from += most) {
    const more = whole ? 0 : Math.max(0, sorted.length - most);
    parts.push({ v: 1, ...rest, alerts: sorted.slice(from, from + most), more, groups });
  }
  return parts;
}

/** Alerts by rule and state, in their order. */
export function groupsOf(alerts: readonly AlertView[]): MessageGroup[] {
  const groups = new Map<string, MessageGroup>();
  for (const { rule, state, severity, site, lossPerH, currency } of alerts) {
    const key = `${rule} ${state} ${severity}`;
    const group = groups.get(key);
    if (!group) {
      if (groups.size >= MAX_GROUPS) continue;
      const loss = { lossPerH, ...(currency !== undefined && lossPerH !== null && { currency }) };
      groups.set(key, { rule, state, severity, count: 1, sites: [site], ...loss });
      continue;
    }
    group.count++;
    if (!group.sites.includes(site) && group.sites.length < MAX_SITES) group.sites.push(site);
    if (lossPerH === null || currency === undefined) continue;
    if (group.lossPerH === null && group.currency === undefined) Object.assign(group, { lossPerH, currency });
    // Two currencies have no sum; the first stays named, so that no third begins anew.
    else if (group.currency !== currency) group.lossPerH = null;
    else if (group.lossPerH !== null) group.lossPerH += lossPerH;
  }
  return [...groups.values()];
}
