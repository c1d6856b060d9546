import type { AlertView } from "@hashwatt/protocol/http";
import { adviceOf } from "../messages/advice.js";
import type { AlertMessage } from "../messages/alertMessage.js";
import type { MessageWorld } from "../messages/messageText.js";
import { httpPost } from "./httpPost.js";
import type { NotifierKind } from "./notifier.js";

/** What fires is told again so often … */
const REFRESH_MS = 60_000;
/** … and ends there by itself when it is not: so long may this server be silent. Alertmanager's own resolve_timeout is 5 min. */
const HOLD_MS = 300_000;

/** Alerts as Alertmanager's API v2 takes them. The labels name an alert there: they stay the same from its beginning to its end. */
export function alertmanagerAlerts({ alerts, sentMs }: AlertMessage, world: MessageWorld): object[] {
  return alerts.map((alert) => {
    const ended = alert.state === "resolved";
    const endMs = ended ? (alert.resolvedMs ?? sentMs) : sentMs + HOLD_MS;
    return {
      labels: labelsOf(alert),
      annotations: annotationsOf(alert),
      startsAt: new Date(Math.min(alert.firedMs ?? alert.pendingMs, endMs)).toISOString(),
      endsAt: new Date(endMs).toISOString(),
      ...(world.publicUrl !== undefined && {
        generatorURL: `${world.publicUrl}${alert.rig === undefined ? "/alerts" : `/rigs/r${alert.rig}`}`,
      }),
    };
  });
}

/** Alertmanager refuses labels that are empty. What a subject is called is none: rigs are renamed, and a group is called by its size. */
function labelsOf({ rule, severity, site, model, subject, members }: AlertView): Record<string, string> {
  const labels = {
    alertname: rule,
    severity: severity === "danger" ? "critical" : severity === "notice" ? "info" : "warning",
    site,
    subject: subject.id,
    kind: members ? "group" : subject.kind,
    model,
    job: "hashwatt",
  };
  return Object.fromEntries(
    Object.entries(labels).filter((each): each is [string, string] => Boolean(each[1])),
  );
}

function annotationsOf(alert: AlertView): Record<string, string> {
  const { rule, subject, reason, lossPerH, currency, ack } = alert;
  const advice = adviceOf(rule);
  return {
    name: subject.name,
    summary: reason,
    ...(lossPerH !== null && currency !== undefined && { costPerHour: `${lossPerH.toFixed(2)} ${currency}` }),
    ...(advice !== undefined && { try: advice }),
    ...(ack && { acknowledgedBy: ack.by }),
  };
}

/** Tells a Prometheus Alertmanager of each alert, again every minute for as long as it fires, and of its end. */
export const alertmanager: NotifierKind = {
  kind: "alertmanager",
  manner: { human: false, most: 500, whole: true, refreshMs: REFRESH_MS },
  open: ({ id, url, token, ca }, { clock, guard, world }) => ({
    id,
    deliver(message, signal) {
      if (message.why === "test")
        return httpPost({ ...testOf(url!.reveal(), message, token), guard, ca }, clock, signal);
      const text = JSON.stringify(alertmanagerAlerts(message, world));
      const headers = token && { authorization: `Bearer ${token.reveal()}` };
      return httpPost(
        { url: apiOf(url!.reveal()), text, guard, ca, ...(headers && { headers }) },
        clock,
        signal,
      );
    },
  }),
};

/** The address of its API, from that of its page. */
export function apiOf(url: string): string {
  const target = new URL(url);
  if (!target.pathname.endsWith("/api/v2/alerts"))
    target.pathname = `${target.pathname.replace(/\/+$/, "")}/api/v2/alerts`;
  return target.toString();
}

/** A test is an alert that ends a minute after it was sent. */
function testOf(
  url: string,
  { sentMs }: AlertMessage,
  token: { reveal(): string } | undefined,
): Parameters<typeof httpPost>[0] {
  const text = JSON.stringify([
    {
      labels: { alertname: "hashwatt-test", severity: "info", job: "hashwatt" },
      annotations: { summary: "A test of the channel; nothing has happened" },
      startsAt: new Date(sentMs).toISOString(),
      endsAt: new Date(sentMs + 60_000).toISOString(),
    },
  ]);
  return {
    url: apiOf(url),
    text,
    ...(token && { headers: { authorization: `Bearer ${token.reveal()}` } }),
  };
}
