import type { Clock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { identify } from "../identify.js";
import type { RigLinks } from "../links/rigLinks.js";
import { newRigSession } from "../rigSession.js";
import type { RigTarget } from "../watchFleet.js";

/**
 * Whether a host that has no cgminer API but something on a port of the web is a rig: a dialect knows it, or it wants a login
 * that one has. Routers and printers have web pages too.
 */
export async function isRig(target: RigTarget, links: RigLinks, clock: Clock): Promise<boolean> {
  const session = newRigSession(target.address, target.port, target);
  try {
    await identify(session, links, clock.monoMs());
    return true;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return session.dialect !== undefined;
  }
}
