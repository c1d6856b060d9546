import type { GridFactorRow } from "../../bundledData.js";
import type { RateSource, Slot } from "../slot.js";

/** The grid factors of the bundled table, by region and year. */
export class GridFactors {
  /** Newest first. */
  readonly #byRegion = new Map<string, GridFactorRow[]>();
  /** What energy without a contract counts as, market-based, by region. */
  readonly #residual = new Map<string, GridFactorRow[]>();

  /**
   * Of several rows of a region and year the first location-based one counts: market-based, fossil-only and life-cycle figures
   * answer other questions and are not mixed with it.
   */
  constructor(rows: readonly GridFactorRow[]) {
    for (const row of rows) {
      const of = row.basis.startsWith("location-based")
        ? this.#byRegion
        : row.basis.startsWith("market-based residual")
          ? this.#residual
          : undefined;
      if (!of) continue;
      const held = of.get(row.region) ?? [];
      if (held.some(({ year }) => year === row.year)) continue;
      held.push(row);
      of.set(
        row.region,
        held.sort((a, b) => b.year - a.year),
      );
    }
  }

  get regions(): string[] {
    return [...this.#byRegion.keys()];
  }

  /** The years of which a region has a factor, newest first; empty for one that has none. */
  years(region: string): number[] {
    return (this.#byRegion.get(region) ?? []).map(({ year }) => year);
  }

  /** The row of a region such as `CN-SD` or `COUNTRY-NOR`, of its newest year or of the one named; undefined where there is none. */
  row(region: string, year?: number): GridFactorRow | undefined {
    return rowOf(this.#byRegion.get(region), year);
  }

  /** kgCO2(e) per kWh of a region. An annual average is the best known figure of any hour, so it holds for all time. */
  source(region: string, year?: number): RateSource | undefined {
    const row = this.row(region, year);
    return row && { kind: "carbon", id: "grid-factors", unit: UNIT, slots: () => [slotOf(row, year)] };
  }

  /**
   * kgCO2(e) per kWh that no contract supplies, market-based: of the residual mix of a region or the country that it lies in, of its year
   * where that is known, else of the newest; where none is known, the location-based factor in its place, which the source says.
   */
  residual(region: string, year?: number): RateSource | undefined {
    const known = this.#residual.get(region) ?? this.#residual.get(region.split("-", 1)[0]!);
    const row = rowOf(known, year) ?? known?.[0];
    const stand = row ? undefined : this.row(region, year);
    const slot = row ? slotOf(row, year) : stand && standIn(slotOf(stand, year));
    return (
      slot && { kind: "carbonMarket", id: row ? "residual" : "location", unit: UNIT, slots: () => [slot] }
    );
  }
}

const rowOf = (rows: readonly GridFactorRow[] | undefined, year?: number): GridFactorRow | undefined =>
  year === undefined ? rows?.[0] : rows?.find((row) => row.year === year);

const UNIT = "kgCO2/kWh";

const standIn = (slot: Slot): Slot => ({
  ...slot,
  source: `${slot.source} (location-based, for want of a residual mix)`,
});

const slotOf = (row: GridFactorRow, pinned?: number): Slot => ({
  startMs: Number.NEGATIVE_INFINITY,
  endMs: Number.POSITIVE_INFINITY,
  value: row.kgco2_per_kwh,
  source: `${row.name}, ${row.year}: ${titleOf(row.source)}`,
  note: `${row.basis}${pinned === undefined ? "" : `; the year ${pinned} is set for the site`}; ${row.source}`,
  // The average of a year is complete on its last day.
  asOfMs: Date.UTC(row.year, 11, 31),
});

/** The title that a citation begins with, before addresses, remarks and by which way it came. */
const titleOf = (citation: string): string => citation.split(/\s*[(;]|\s+https?:|\s+via\s/, 1)[0]!;
