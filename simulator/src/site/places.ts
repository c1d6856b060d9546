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
