import type { FleetTable } from "../feed/fleetTable.js";

/** A rig to choose among others. */
export interface Candidate {
  id: string;
  name: string;
  /** What tells it apart from its neighbours. */
  about: string;
}

/**
 * Rigs of the fleet whose name, address or model holds all words of a text, or whose id it is; at most `most`, none for an empty text.
 * An id that no rig of the fleet has is a candidate too: a rig whose place another has taken is in no list.
 */
export function findRigs(table: FleetTable, text: string, own: string, most: number): Candidate[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const found: Candidate[] = [];
  const asId = /^r[1-9]\d{0,8}$/.exec(words[0]!)?.[0];
  for (let row = 0; row < table.size && found.length < most; row++) {
    const id = `r${table.rig[row]}`;
    if (id === own) continue;
    const facts = (["name", "address", "model", "site"] as const).map(
      (column) => table.text(column, row) ?? "",
    );
    const all = [id, ...facts].join(" ").toLowerCase();
    if (asId === undefined ? !words.every((word) => all.includes(word)) : id !== asId) continue;
    const [name = id, ...rest] = facts;
    found.push({ id, name, about: rest.filter((each) => each && each !== name).join(" · ") });
  }
  if (asId !== undefined && asId !== own && found.length === 0)
    found.push({ id: asId, name: asId, about: "" });
  return found;
}
