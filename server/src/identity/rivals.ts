import type { Binding, Seat } from "./agentStreams.js";
import { strongAliases } from "./evidence.js";
import { agentOf, type Handovers } from "./handovers.js";
import { type RigIndex, sameAlias } from "./rigIndex.js";

/**
 * Whether what answers at a binding's place is the rig that sits at another place because two agents read it, and not a
 * second rig with its MAC: both know it by one address and name, or an operator has said so.
 */
export function isRival(
  { key, rig, evidence }: Binding,
  { owner }: Seat,
  index: RigIndex,
  handovers: Handovers,
): boolean {
  if (agentOf(key) === agentOf(owner)) return false;
  if (handovers.joinsPlace(rig, key) || handovers.joinsPlace(rig, owner)) return true;
  // What it said of itself went with a batch of before a restart, and made it this rig.
  if (!evidence) return true;
  const known = index.record(rig)!.evidence;
  if (evidence.address !== known.address || evidence.port !== known.port) return false;
  const names = strongAliases(known);
  return strongAliases(evidence).some((told) => names.some((name) => sameAlias(told, name)));
}
