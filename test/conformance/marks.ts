/** How one asserted value compares with what was read. `unit`: off by 10³ or 10⁶. */
export type Mark = "right" | "missing" | "wrong" | "unit";

export interface Graded {
  field: string;
  mark: Mark;
  want: unknown;
  got: unknown;
}

/** Tells whether a read value is the wanted one. */
export type Same<T> = (want: T, got: T) => boolean;

export const near =
  (ratio: number, least = 0): Same<number> =>
  (want, got) =>
    Math.abs(want - got) <= Math.max(least, Math.abs(want) * ratio);

/** 0.5 %: what sources round. */
export const byRatio = near(0.005, 1e-9);
/** Mean and maximum of the same sensors differ by so much. */
export const byDegree = near(0, 1);
export const exactly: Same<unknown> = (want, got) => want === got;
/** Addresses of the same card are written in either case, with colons, dashes or nothing. */
export const asMac: Same<unknown> = (want, got) => bare(want) === bare(got);
const bare = (value: unknown) =>
  String(value)
    .toLowerCase()
    .replace(/[^0-9a-f]/g, "");
/** A version stands alone or among other words. */
export const asWords: Same<unknown> = (want, got) =>
  squeezed(got).includes(squeezed(want)) || squeezed(want).includes(squeezed(got));
const squeezed = (value: unknown) =>
  String(value)
    .toLowerCase()
    .replace(/[\s_-]+/g, "");

const OFF = [1e3, 1e6, 1e-3, 1e-6, 1e9, 1e-9];

/** Marks one value; `others` are right as well. A reading that is absent is missing, never wrong. */
export function mark<T>(
  field: string,
  want: T,
  got: T | undefined,
  same: Same<T>,
  others: readonly T[] = [],
): Graded {
  const all = [want, ...others];
  if (got === undefined) return { field, mark: "missing", want, got };
  if (all.some((value) => same(value, got))) return { field, mark: "right", want, got };
  const scaled =
    typeof got === "number" &&
    OFF.some((factor) => all.some((value) => typeof value === "number" && byRatio(value * factor, got)));
  return { field, mark: scaled ? "unit" : "wrong", want, got };
}
