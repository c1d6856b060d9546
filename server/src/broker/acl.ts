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

/** Whether the server may publish on a topic: what it says to agents and of rigs. */
export const serverMayPublish = (topic: string): boolean =>
  parseAgentTopic(topic)?.kind === "ack" || new RegExp(`^${ROOT}/[^/]+/rig/[^/]+/(info|state)$`).test(topic);
