import { parseAgentTopic, ROOT } from "@hashwatt/protocol/topics";

/** The user name that the server itself goes by at its embedded broker. */
export const SERVER_USER = "hashwatt-server";

/** The agent that a user of the config is. */
export interface NamedAgent {
  site: string;
  agent: string;
}

/**
 * Who an agent is: the one that its user stands for or, where nobody logs in, what a client calls itself by its user, else its
 * client id: the agent's name, `site/agent`, or `hashwatt-site-agent`.
 */
export type AgentClient = NamedAgent | string;

const isAgent = (who: AgentClient, { site, agent }: NamedAgent): boolean =>
  typeof who === "string"
    ? who === agent || who === `${site}/${agent}` || who === `hashwatt-${site}-${agent}`
    : who.site === site && who.agent === agent;

/** Whether an agent may publish on a topic of the embedded broker: on its own batch and status, and on nothing else. */
export function mayPublish(who: AgentClient, topic: string): boolean {
  const parsed = parseAgentTopic(topic);
  if (!parsed || (parsed.kind !== "batch" && parsed.kind !== "status")) return false;
  return isAgent(who, parsed);
}

/**
 * Whether an agent may listen to a topic filter: what is said to it, and what it says itself, and to nothing of another
 * agent's.
 */
export function mayListen(who: AgentClient, filter: string): boolean {
  const [root, version, site = "", room, agent = "", ...kind] = filter.split("/");
  if (`${root}/${version}` !== ROOT || room !== "agent" || kind.length !== 1) return false;
  return isAgent(who, { site, agent });
}

/** Whether a listener may listen to a topic filter. What it hears of that is what {@link mayOverhear} says. */
export const mayEavesdrop = (filter: string): boolean => !filter.startsWith("$") && !filter.endsWith("/ack");

/** Whether a listener is told what is said on a topic: the readings and what is said of agents, rigs and alerts, but not to agents. */
export function mayOverhear(topic: string): boolean {
  const parsed = parseAgentTopic(topic);
  return parsed ? parsed.kind !== "ack" : RIG_TOPIC.test(topic) || ALERT_TOPIC.test(topic);
}

/** Whether an agent is told what is said on a topic: what is said to it. */
export const mayBeTold = (who: AgentClient, topic: string): boolean =>
  parseAgentTopic(topic)?.kind === "ack" && mayListen(who, topic);

const RIG_TOPIC = new RegExp(`^${ROOT}/[^/]+/rig/[^/]+/(info|state)$`);
const ALERT_TOPIC = new RegExp(`^${ROOT}/[^/]+/alerts$`);

/** Whether a topic is no part of the contract, so that a meter may be given it. */
export const isForeign = (topic: string): boolean =>
  !topic.startsWith(`${ROOT.split("/")[0]}/`) && !topic.startsWith("$");

/** Whether a topic is one of those that a filter names: `+` stands for one level, `#` at the end for all that follow, even none. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  const open = wanted.at(-1) === "#";
  if (open) wanted.pop();
  if (open ? levels.length < wanted.length : levels.length !== wanted.length) return false;
  return wanted.every((level, i) => level === "+" || level === levels[i]);
}

/** Whether the server may publish on a topic: what it says to agents, of rigs and of alerts. */
export const serverMayPublish = (topic: string): boolean =>
  parseAgentTopic(topic)?.kind === "ack" || RIG_TOPIC.test(topic) || ALERT_TOPIC.test(topic);
