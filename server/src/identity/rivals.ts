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

/** So long after its last answer to another agent, one of two that read a rig is taken to read it still, ms. */
const RIVAL_MS = 86_400_000;

/**
 * Whether another agent had a rig at a time gone by: it had moved there, or both read it. That this one got no answer then
 * says nothing of the rig.
 */
export function hadByOther({ key, rig, seat }: Binding, tMs: number, index: RigIndex): boolean {
  const own = agentOf(key);
  const isOwner = agentOf(seat.owner) === own;
  const other = isOwner ? seat.rival : seat.owner;
  if (other === undefined || agentOf(other) === own) return false;
  if (isOwner && tMs - (seat.rivalMs ?? tMs) > RIVAL_MS) return false;
  // What is said of the rig changes its record too: since when it is known at a place, the place's own name tells.
  const { aliases, lastSeenMs } = index.record(rig)!;
  const name = aliases.find(({ kind, value }) => kind === "address" && value === other);
  return tMs >= (name?.sinceMs ?? lastSeenMs);
}
