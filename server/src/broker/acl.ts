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

/** Whether a listener may listen to a topic filter: to all that is said, but not of the broker itself. */
export const mayOverhear = (filter: string): boolean => !filter.startsWith("$");

/**
 * Whether who goes by `name` may call its session so, where `agents` may come. A second session of one name ends the
 * first: `hashwatt-{site}-{agent}` is that agent's alone, and of two names that fit, the longer says whose.
 */
export function mayBeCalled(name: string, clientId: string, agents: Iterable<string>): boolean {
  if (!clientId.startsWith("hashwatt-")) return true;
  const fits = [...agents].filter((agent) =>
    agent.includes("/")
      ? clientId === `hashwatt-${agent.replace("/", "-")}`
      : clientId.endsWith(`-${agent}`) && clientId.length > `hashwatt--${agent}`.length,
  );
  return fits.sort((a, b) => b.length - a.length)[0] === name;
}

/** Whether the server may publish on a topic: what it says to agents and of rigs. */
export const serverMayPublish = (topic: string): boolean =>
  parseAgentTopic(topic)?.kind === "ack" || new RegExp(`^${ROOT}/[^/]+/rig/[^/]+/(info|state)$`).test(topic);
