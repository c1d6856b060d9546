/** Indices of values that have no neighbour: nothing known before nor after them. */
export function loneValues(values: ArrayLike<number | null | undefined>): number[] {
  const known = (at: number) => typeof values[at] === "number";
  return Array.from(values, (_, at) => at).filter((at) => known(at) && !known(at - 1) && !known(at + 1));
}
