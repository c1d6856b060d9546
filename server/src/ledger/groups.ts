import type { Expected } from "../register/register.js";
import type { RigRecord } from "../store/state/state.js";

/** What rigs can be grouped by: places and owners of the register, and models. */
export const GROUP_KINDS = ["rack", "row", "position", "feeder", "pdu", "owner", "model", "agent"] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];

/** A group as it is asked for: `rack:A3`. Undefined for a text that names none. */
export function parseGroup(text: string): { kind: GroupKind; name: string } | undefined {
  const at = text.indexOf(":");
  const kind = text.slice(0, at) as GroupKind;
  const name = text.slice(at + 1);
  return at > 0 && name !== "" && GROUP_KINDS.includes(kind) ? { kind, name } : undefined;
}

/** The rigs of a group at a site, as the register has them. */
export function rigsOfGroup(
  { kind, name }: { kind: GroupKind; name: string },
  records: Iterable<RigRecord>,
  expected: (record: RigRecord) => Expected | undefined,
): number[] {
  const rigs: number[] = [];
  for (const record of records) {
    const value =
      kind === "model" ? record.evidence.model : kind === "agent" ? record.agent : expected(record)?.[kind];
    if (value === name) rigs.push(record.rig);
  }
  return rigs;
}
