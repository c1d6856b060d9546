const UNITS: readonly [ths: number, name: string][] = [
  [1, "TH/s"],
  [1e-3, "GH/s"],
  [1e-6, "MH/s"],
  [1e-9, "kH/s"],
  [1e-12, "H/s"],
];

/** A hashrate given in TH/s, for a person: "110.57 TH/s", and what is less in the unit that leaves digits before the point. */
export function describeHashrate(ths: number): string {
  const [factor, name] = ths === 0 ? UNITS[0]! : (UNITS.find(([least]) => ths >= least) ?? UNITS.at(-1)!);
  return `${Number((ths / factor).toFixed(2))} ${name}`;
}
