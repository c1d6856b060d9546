import { foldCase, StarPattern } from "../starPattern.js";
import type { RigRecord } from "../store/state/state.js";

/** Where a rig stands by the register, as far as it says. */
export interface Place {
  rack?: string | undefined;
  row?: string | undefined;
  position?: string | undefined;
  owner?: string | undefined;
}

/** Every name by which an operator may mean a rig: its own, its address, its number, its place, alone and together. */
export function namesOf({ rig, name, handle, evidence }: RigRecord, place: Place | undefined): string[] {
  const names = [name, `r${rig}`, handle, evidence.address, evidence.hostname, evidence.model];
  if (place) {
    const { rack, row, position, owner } = place;
    names.push(rack, row, owner);
    if (rack !== undefined) {
      names.push(`${rack}/${position ?? ""}`);
      if (row !== undefined) names.push(`${row}/${rack}`, `${row}/${rack}/${position ?? ""}`);
    }
  }
  const worker = evidence.pools
    ?.find(({ active }) => active)
    ?.user?.split(".")
    .slice(1)
    .join(".");
  if (worker) names.push(worker);
  return names.filter((each): each is string => each !== undefined && each !== "");
}

/** Rigs by patterns, of which one must fit: `rack-3/*`, `10.0.1.*`, `Antminer S19*`. `*` stands for anything; case does not matter. */
export class RigSelector {
  readonly #patterns: readonly StarPattern[];

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((pattern) => new StarPattern(foldCase(pattern)));
  }

  matches(names: readonly string[]): boolean {
    const folded = names.map(foldCase);
    return this.#patterns.some((pattern) => folded.some((name) => pattern.fits(name)));
  }
}
