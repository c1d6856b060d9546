/** Where a rig stands: its rack and the place in it, the row that its rack is part of. All count from 1. */
export interface Place {
  row: number;
  rack: number;
  position: number;
  /** `rack-3/7`. */
  name: string;
}

export const RIGS_PER_RACK = 12;
export const RACKS_PER_ROW = 4;

const PLACE = /^rack-(\d+)\/(\d+)$/;

/** The same rigs after commas, as far as a fleet of so many has them: a place beyond its end stands for its last one. */
export function placesWithin(names: string, rigCount: number): string {
  const within = names.split(",").map((word) => {
    const name = word.trim();
    const [, rack, position] = PLACE.exec(name) ?? [];
    if (rack === undefined) return name;
    const index = (Number(rack) - 1) * RIGS_PER_RACK + Number(position) - 1;
    return placeOf(Math.min(index, rigCount - 1)).name;
  });
  return [...new Set(within)].join(", ");
}

/** The place of the rig of this index: racks of a dozen, rows of four racks. */
export function placeOf(index: number): Place {
  const rack = Math.floor(index / RIGS_PER_RACK) + 1;
  const position = (index % RIGS_PER_RACK) + 1;
  return {
    row: Math.floor((rack - 1) / RACKS_PER_ROW) + 1,
    rack,
    position,
    name: `rack-${rack}/${position}`,
  };
}
