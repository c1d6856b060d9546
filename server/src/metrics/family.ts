/**
 * A metric family of the Prometheus text format. `labels` are the names that its series may carry; a label without a value
 * is left out.
 */
export interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter";
  /** One sentence without its full stop; says the unit where the name does not, and what an absent series means where that is not plain. */
  readonly help: string;
  readonly labels: readonly string[];
}

/** A value and the values of its labels, in their order. An unknown value makes no series: it is never 0. */
export type Point = readonly [value: number | null | undefined, ...labels: readonly (string | undefined)[]];

/** The two lines above the series of a family. */
export const headOf = ({ name, type, help }: Family): string =>
  `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;

const UNSAFE = /[\\"\n]/;
const escaped = (text: string): string =>
  UNSAFE.test(text) ? text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") : text;

/** `name="value"` pairs, separated by commas; what has no value is left out. */
export function pairsOf(names: readonly string[], values: readonly (string | undefined)[]): string {
  let pairs = "";
  for (const [i, name] of names.entries()) {
    const value = values[i];
    if (value === undefined || value === "") continue;
    pairs += `${pairs && ","}${name}="${escaped(value)}"`;
  }
  return pairs;
}

/** The line of one series; empty where the value is not known. */
export function lineOf(name: string, pairs: string, value: number | null | undefined): string {
  if (value === undefined || value === null || Number.isNaN(value)) return "";
  return `${name}${pairs && `{${pairs}}`} ${Object.is(value, Number.POSITIVE_INFINITY) ? "+Inf" : value}\n`;
}

/** A family whole; empty when it has no series. */
export function textOf(family: Family, points: Iterable<Point>): string {
  let lines = "";
  for (const [value, ...labels] of points)
    lines += lineOf(family.name, pairsOf(family.labels, labels), value);
  return lines && headOf(family) + lines;
}
