import type { Totals } from "@hashwatt/protocol/http";
import type { Connection } from "../feed/liveLink.js";
import type { Words } from "../words/words.js";
import { silentMs } from "./freshness.js";

/** A line under the header about the system itself. */
export interface Notice {
  key: string;
  tone: "bad" | "warn" | "info";
  text: string;
}

/** Below this a backlog is the ordinary way of a batch, not an outage that is being caught up with. */
const BEHIND_MS = 15_000;

/**
 * What must be said about connection, agents and store, worst first; empty when all is well. `intervalMs` is how often
 * rigs are read, undefined while that is unknown.
 */
export function noticesOf(
  connection: Connection,
  totals: Totals | undefined,
  nowMs: number,
  intervalMs: number | undefined,
  { t, span }: Pick<Words, "t" | "span">,
  /** Says a text of the server in the language of the screen. */
  said: (text: string) => string = (text) => text,
): Notice[] {
  const notices: Notice[] = [];
  if (connection.state === "lost") {
    const newest = totals?.newestMs;
    notices.push({
      key: "connection",
      tone: "bad",
      text: connection.full
        ? t("notice.full")
        : newest === null || newest === undefined
          ? t("notice.unreachable")
          : t("notice.lost", { age: span(nowMs - newest) }),
    });
  }
  if (totals && !totals.store.ok)
    notices.push({
      key: "store",
      tone: "bad",
      text: t("notice.store", { note: totals.store.note ?? totals.store.kind }),
    });
  if (totals?.broker?.ok === false)
    notices.push({ key: "broker", tone: "bad", text: t("notice.broker", { note: totals.broker.note }) });
  // Both silence the agents: then no agent is at fault, and none sends anything.
  const silenced = totals?.store.ok === false || totals?.broker?.ok === false;
  const quietMs = connection.state === "live" ? silentMs(totals, nowMs, intervalMs) : undefined;
  if (quietMs !== undefined && !silenced && !totals?.agents.some(({ state }) => state === "offline"))
    notices.push({ key: "silent", tone: "warn", text: t("notice.silent", { age: span(quietMs) }) });
  for (const agent of totals?.agents ?? []) {
    const name = `${agent.site}/${agent.agent}`;
    if (agent.state === "offline" && agent.leftMs === undefined)
      notices.push({ key: `offline ${name}`, tone: "warn", text: t("notice.agentOffline", { agent: name }) });
    // An agent that sends nothing catches up with nothing.
    const sends =
      agent.state !== "offline" &&
      !silenced &&
      quietMs === undefined &&
      totals?.sites.find(({ site }) => site === agent.site)?.reporting !== 0;
    if (sends && agent.behindMs !== null && agent.behindMs >= BEHIND_MS)
      notices.push({
        key: `behind ${name}`,
        tone: "info",
        text: t("notice.behind", { agent: name, behind: span(agent.behindMs) }),
      });
    if (agent.note) notices.push({ key: `note ${name}`, tone: "warn", text: `${name}: ${said(agent.note)}` });
  }
  return notices;
}
