import { parseAgentTopic, ROOT } from "@hashwatt/protocol/topics";

/** The user name that the server itself goes by at its embedded broker. */
export const SERVER_USER = "hashwatt-server";

/**
 * Whether a client of that name (its user, else its client id) may publish on a topic of the embedded broker: an agent on its
 * own batch and status, nobody else on anything. The name is the agent's, `site/agent`, or `hashwatt-site-agent`.
 */
export function mayPublish(name: string, topic: string): boolean {
  const parsed = parseAgentTopic(topic);
  if (!parsed || (parsed.kind !== "batch" && parsed.kind !== "status")) return false;
  const { site, agent } = parsed;
  return name === agent || name === `${site}/${agent}` || name === `hashwatt-${site}-${agent}`;
}

/**
 * Whether an agent of that name may listen to a topic filter: what is said to it, and what it says itself, and to nothing of
 * another agent's.
 */
export function mayListen(name: string, filter: string): boolean {
  const [root, version, site = "", room, agent = "", ...kind] = filter.split("/");
  if (`${root}/${version}` !== ROOT || room !== "agent" || kind.length !== 1) return false;
  return name === agent || name === `${site}/${agent}` || name === `hashwatt-${site}-${agent}`;
}

/** Whether a listener may listen to a topic filter. What it hears of that is what {@link mayOverhear} says. */
export const mayEavesdrop = (filter: string): boolean => !filter.startsWith("$") && !filter.endsWith("/ack");

/** Whether a listener is told what is said on a topic: the readings and what is said of agents and rigs, but not to agents. */
export function mayOverhear(topic: string): boolean {
  const parsed = parseAgentTopic(topic);
  return parsed ? parsed.kind !== "ack" : RIG_TOPIC.test(topic);
}

/** Whether an agent of that name is told what is said on a topic: what is said to it. */
export const mayBeTold = (name: string, topic: string): boolean =>
  parseAgentTopic(topic)?.kind === "ack" && mayListen(name, topic);

const RIG_TOPIC = new RegExp(`^${ROOT}/[^/]+/rig/[^/]+/(info|state)$`);

/** Whether a topic is no part of the contract, so that a meter may be given it. */
export const isForeign = (topic: string): boolean =>
  !topic.startsWith(`${ROOT.split("/")[0]}/`) && !topic.startsWith("$");

/** Whether the server may publish on a topic: what it says to agents and of rigs. */
export const serverMayPublish = (topic: string): boolean =>
  parseAgentTopic(topic)?.kind === "ack" || RIG_TOPIC.test(topic);
