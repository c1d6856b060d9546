import { boundedPowerW, boundedTempC } from "../model/bounds.js";
import { dig, rowOf } from "../replies/members.js";
import { readNumber, readPositive } from "../replies/readNumber.js";

const TERA = { hash: 1e-12, kilohash: 1e-9, megahash: 1e-6, gigahash: 1e-3, terahash: 1, petahash: 1e3 };

/** TH/s of `{gigahash_per_second: …}` and its like. */
export function ths(value: unknown): number | undefined {
  const row = rowOf(value);
  for (const unit in TERA) {
    const rate = readNumber(row?.[`${unit}_per_second`]);
    if (rate !== undefined) return rate * TERA[unit as keyof typeof TERA];
  }
  return undefined;
}

/** W of `{watt: …}`; 0 is what the firmware says of what it does not know. */
export const watts = (value: unknown): number | undefined => boundedPowerW(readPositive(dig(value, "watt")));
/** °C of `{degree_c: …}`. */
export const degrees = (value: unknown): number | undefined => boundedTempC(dig(value, "degree_c"));

/** The first member of that name, however deep the cooling mode hides it. */
export function find(value: unknown, name: string, depth: number): unknown {
  const row = rowOf(value);
  if (!row || depth === 0) return undefined;
  if (row[name] !== undefined && row[name] !== null) return row[name];
  for (const key in row) {
    const found = find(row[key], name, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
