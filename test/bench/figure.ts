import { cpus, loadavg, release, totalmem } from "node:os";

/** What must hold: `of` "value": the figure itself; "floor": the figure divided by its floor. */
export type Bound = ({ atMost: number } | { atLeast: number }) & { of: "value" | "floor" };

/**
 * One measured figure. `floor` is the same work by the barest code, in the same unit and measured in the same run, and
 * `ratio` what the bound is on: taken pair by pair, since a shared machine's speed wanders. `bound` is null for what is
 * only reported.
 */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  floor?: number;
  ratio?: number;
  bound: Bound | null;
  ok: boolean;
  /** What a reader needs to know of how it came about. */
  note?: string;
}

/** What one bench yields. */
export interface BenchResult {
  bench: string;
  figures: Figure[];
  machine: Machine;
}

export interface Machine {
  cpu: string;
  cores: number;
  memGb: number;
  node: string;
  os: string;
  /** Processes that wanted a core in the last minute, before the bench began; more than none and absolute times are worth less. */
  load: number;
}

/** What the benches of a whole installation can be told; each has a size of its own for what is left out. */
export interface Size {
  rigs?: number;
  /** Spacing of a rig's polls, s. */
  interval?: number;
  /** Screens that look on. */
  browsers?: number;
  broker?: "mosquitto" | "embedded";
  store?: "duckdb" | "influxdb";
  /** `load`: how long it measures. */
  minutes?: number;
  /** `soak`: simulated hours, and how many times as fast as real ones they pass; `backlog`: hours without a broker. */
  hours?: number;
  speed?: number;
}

/** A bench: measures for about `seconds`, or as its size says, and returns its figures; `say` reports progress to a person. */
export type Bench = (options: {
  seconds: number;
  size: Size;
  say: (line: string) => void;
}) => Promise<Figure[]>;

/** What the figures are measured on; to be called before the bench makes a load of its own. */
export function machine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? "unknown",
    cores: cores.length,
    memGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    os: `${process.platform} ${release()}`,
    load: Math.round(loadavg()[0]! * 10) / 10,
  };
}

type Limit = { atMost: number } | { atLeast: number };
const holds = (value: number, limit: Limit): boolean =>
  Number.isFinite(value) && ("atMost" in limit ? value <= limit.atMost : value >= limit.atLeast);
type More = Partial<Pick<Figure, "floor" | "ratio" | "note">>;

/** A figure that is reported only, beside its floor where there is one. */
export const reported = (name: string, value: number, unit: string, more: More = {}): Figure => ({
  name,
  value,
  unit,
  bound: null,
  ok: true,
  ...more,
});

/** A figure with a bound in its own unit. */
export const bounded = (
  name: string,
  value: number,
  unit: string,
  limit: Limit,
  more: More = {},
): Figure => ({ name, value, unit, bound: { ...limit, of: "value" }, ok: holds(value, limit), ...more });

/** A figure held against its floor; `ratio` where it was taken pair by pair, else the quotient of the two. */
export function againstFloor(
  name: string,
  value: number,
  floor: number,
  unit: string,
  limit: Limit,
  more: More = {},
): Figure {
  const ratio = more.ratio ?? value / floor;
  return {
    name,
    value,
    unit,
    floor,
    bound: { ...limit, of: "floor" },
    ok: holds(ratio, limit),
    ...more,
    ratio,
  };
}
