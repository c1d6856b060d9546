import type { Slot } from "./slot.js";

/** What the series of a family are of. */
export interface SeriesFamily {
  /** What is written behind the family: a fixed name, a currency, or a name of somebody's choice. */
  names: readonly string[] | "currency" | "slug";
  unit: string;
  least: number;
  most: number;
  whole?: true;
  /** Each figure holds until a newer one is known, so that a row without an end has none. */
  holds?: true;
}

const FAMILIES: Readonly<Record<string, SeriesFamily>> = {
  network: { names: ["difficulty", "height", "feesBtc"], unit: "", least: 0, most: 1e30, holds: true },
  btc: { names: "currency", unit: "per BTC", least: Number.MIN_VALUE, most: 1e12, holds: true },
  fx: { names: "currency", unit: "per USD", least: Number.MIN_VALUE, most: 1e9, holds: true },
  hashprice: { names: "slug", unit: "USD/PH/day", least: 0, most: 1e6, holds: true },
  hashpriceBtc: { names: "slug", unit: "BTC/PH/day", least: 0, most: 100, holds: true },
  revenue: { names: "slug", unit: "BTC/PH/day", least: 0, most: 1e9, holds: true },
  price: { names: "slug", unit: "per kWh", least: -1_000, most: 1_000 },
  carbon: { names: "slug", unit: "kgCO2/kWh", least: 0, most: 5 },
  residual: { names: "slug", unit: "kgCO2/kWh", least: 0, most: 5, holds: true },
  marginal: { names: "slug", unit: "kgCO2/kWh", least: -5, most: 5 },
  generation: { names: "slug", unit: "kW", least: 0, most: 1e7 },
  ambient: { names: "slug", unit: "°C", least: -90, most: 70 },
  overhead: { names: "slug", unit: "kWh/kWh", least: 1, most: 5 },
  devFee: { names: "slug", unit: "share of the hash", least: 0, most: 1 },
  devFeeOf: { names: "slug", unit: "share of the hash", least: 0, most: 1 },
};
const NETWORK: Readonly<Record<string, SeriesFamily>> = {
  difficulty: { ...FAMILIES.network!, unit: "difficulty", least: Number.MIN_VALUE },
  height: { ...FAMILIES.network!, unit: "blocks", most: 1e9, whole: true },
  feesBtc: { ...FAMILIES.network!, unit: "BTC/block", most: 1_000 },
};

const isNamed = ({ names }: SeriesFamily, name: string): boolean =>
  names === "currency"
    ? /^[A-Z]{3}$/.test(name)
    : names === "slug"
      ? /^[a-z0-9-]{1,64}$/.test(name)
      : names.includes(name);

/** The family of a series such as `btc/USD`; undefined for a name that no series may have. */
export function seriesFamily(series: string): SeriesFamily | undefined {
  const [family = "", name, more] = series.split("/");
  const known = Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
  if (!known || name === undefined || more !== undefined || !isNamed(known, name)) return undefined;
  return family === "network" ? NETWORK[name] : known;
}

/** The shapes of names that series may have, for a message. */
export const SERIES_SHAPES = Object.entries(FAMILIES)
  .map(([family, { names }]) =>
    names === "currency"
      ? `${family}/CNY`
      : names === "slug"
        ? `${family}/<name>`
        : names.map((name) => `${family}/${name}`).join(", "),
  )
  .join(", ");

/** Why a figure cannot be one of a series, in words; undefined where it can. */
export function valueProblem(series: string, value: number): string | undefined {
  const family = seriesFamily(series);
  if (!family) return `"${series}" is no series; there are ${SERIES_SHAPES}`;
  if (!Number.isFinite(value)) return "is no number";
  if (value < family.least)
    return family.least === Number.MIN_VALUE
      ? `${value} must be more than 0`
      : `${value} must be at least ${family.least}`;
  if (value > family.most) return `${value} must be at most ${family.most}`;
  if (family.whole && !Number.isInteger(value)) return `${value} must be a whole number`;
  return undefined;
}

/** The first slot that a series may not hold, in words; undefined where all may. */
export function slotsProblem(series: string, slots: readonly Slot[]): string | undefined {
  for (const { value } of slots) {
    const problem = valueProblem(series, value);
    if (problem !== undefined) return `${series}: ${problem}`;
  }
  return undefined;
}
