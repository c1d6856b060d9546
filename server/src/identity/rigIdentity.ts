import type { RigIdentity, RigTie } from "@hashwatt/protocol/identity";
import { rigId } from "../fleet/rigDetail.js";
import type { Alias, RigRecord } from "../store/state/state.js";
import { strongAliases } from "./evidence.js";
import type { Handover, Handovers } from "./handovers.js";
import { isRetired, placeKey, type RigIndex } from "./rigIndex.js";

/** More rigs than these share a name only where many tell the same one. */
const MAX_RELATED = 20;

type AliasKind = Alias["kind"];

/** Everything but the events of how a rig is told apart; undefined where there is no such rig. */
export function rigIdentity(
  rig: number,
  index: RigIndex,
  handovers: Pick<Handovers, "of" | "joined" | "splitFrom">,
): Omit<RigIdentity, "events"> | undefined {
  const record = index.record(rig);
  if (!record) return undefined;
  const tie = (other: number, { atMs, aliases }: Handover): RigTie => ({
    id: rigId(other),
    name: index.record(other)!.name,
    atMs,
    names: aliases.map(({ kind, value }) => ({ kind, value })),
  });
  const told = handovers.of(rig);
  const split = handovers.splitFrom(rig);
  return {
    id: rigId(rig),
    name: record.name,
    firstSeenMs: record.firstSeenMs,
    describedMs: record.lastSeenMs,
    aliases: record.aliases.map(({ kind, value, sinceMs }) => ({
      kind,
      value,
      sinceMs: sinceMs ?? null,
      present: isPresent(record, { kind, value }),
    })),
    joined: handovers.joined(rig).flatMap((from) => {
      const handover = handovers.of(from);
      return handover ? [{ ...tie(from, handover), into: rigId(handover.to) }] : [];
    }),
    ...(told && { handedTo: { ...tie(told.to, told), kind: told.kind } }),
    ...(split && { splitFrom: tie(split.from, split) }),
    related: [...related(record, index, handovers)],
  };
}

/** Rigs whose events are those of a rig as well: what was merged into it, and what it was split from or into. */
export const tiedRigs = (
  rig: number,
  handovers: Pick<Handovers, "of" | "joined" | "splitFrom">,
): number[] => {
  const tied = [rig, ...handovers.joined(rig), handovers.of(rig)?.to, handovers.splitFrom(rig)?.from];
  return tied.filter((each) => each !== undefined);
};

function isPresent(record: RigRecord, { kind, value }: Alias): boolean {
  if (kind === "address") return placeKey(record) === value;
  if (kind === "hostname") return record.evidence.hostname === value;
  return strongAliases(record.evidence).some((own) => own.kind === kind && own.value === value);
}

function* related(
  record: RigRecord,
  index: RigIndex,
  handovers: Pick<Handovers, "of">,
): Iterable<RigIdentity["related"][number]> {
  let found = 0;
  for (const other of index.records()) {
    // One that was handed over is named by what it was handed to.
    if (other.rig === record.rig || handovers.of(other.rig)) continue;
    const shares = sharedNames(record, other);
    if (!shares.length) continue;
    yield {
      id: rigId(other.rig),
      name: other.name,
      model: other.evidence.model ?? other.evidence.make ?? null,
      mac: other.evidence.mac ?? null,
      firstSeenMs: other.firstSeenMs,
      over: isRetired(other),
      shares,
    };
    if (++found === MAX_RELATED) return;
  }
}

function sharedNames(record: RigRecord, other: RigRecord): AliasKind[] {
  const [own, told] = [strongAliases(record.evidence), strongAliases(other.evidence)];
  const shares = own
    .filter((alias) => told.some(({ kind, value }) => alias.kind === kind && alias.value === value))
    .map(({ kind }) => kind);
  if (placeKey(record) === placeKey(other)) shares.push("address");
  // Whole farms go by the host name that their firmware came with: alone it says nothing.
  const { hostname } = record.evidence;
  if (shares.length && hostname !== undefined && hostname === other.evidence.hostname)
    shares.push("hostname");
  return shares;
}
