import {
  EXACT,
  EXACT_SIZE,
  PART,
  PART_MS,
  PART_SIZE,
  PARTS,
  type RecentWork,
  ROUGH,
  ROUGH_SIZE,
} from "./memoryFields.js";

/** A sum of work, and what it was made of. */
class Told {
  slot = -1;
  newest = Number.NaN;
  version = 0;
  readonly sum: RecentWork = { accepted: 0, rejected: 0, acceptedDiff: 0, hashedTh: 0, hwErrors: 0 };
}

/**
 * Sums of what rigs did lately. Several rules ask the same of each reading: a sum is made once for all of them, in an object that is
 * used again, since one for each would be garbage of every reading.
 */
export class WorkSums {
  /** By how many parts were asked for. */
  readonly #told: Told[] = [];
  #version = 0;

  /** What is remembered has changed. */
  changed(): void {
    this.#version++;
  }

  /** What lies in `slot` of the last `parts` halves of an hour (the present one included). Good until it is asked again. */
  of(
    slot: number,
    nowMs: number,
    parts: number,
    exact: Float64Array,
    rough: Float32Array,
  ): Readonly<RecentWork> {
    const newest = Math.floor(nowMs / PART_MS);
    this.#told[parts] ??= new Told();
    const told = this.#told[parts];
    const { sum } = told;
    if (told.slot === slot && told.newest === newest && told.version === this.#version) return sum;
    told.slot = slot;
    told.newest = newest;
    told.version = this.#version;
    sum.accepted = 0;
    sum.rejected = 0;
    sum.acceptedDiff = 0;
    sum.hashedTh = 0;
    sum.hwErrors = 0;
    const known = Math.floor(exact[slot * EXACT_SIZE + EXACT.partMs]! / PART_MS);
    for (let part = newest; part > newest - parts; part--) {
      if (part > known || part <= known - PARTS) continue;
      const at = slot * ROUGH_SIZE + ROUGH.parts + (part % PARTS) * PART_SIZE;
      sum.accepted += rough[at + PART.accepted]!;
      sum.rejected += rough[at + PART.rejected]!;
      sum.acceptedDiff += rough[at + PART.diff]!;
      sum.hashedTh += rough[at + PART.th]!;
      sum.hwErrors += rough[at + PART.hwErrors]!;
    }
    return sum;
  }
}
