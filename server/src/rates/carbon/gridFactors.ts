import type { GridFactorRow } from "../../bundledData.js";
import type { RateSource, Slot } from "../slot.js";

/** The grid factors of the bundled table, by region. */
export class GridFactors {
  readonly #byRegion = new Map<string, GridFactorRow>();
  /** What energy without a contract counts as, market-based, by region. */
  readonly #residual = new Map<string, GridFactorRow>();

  /**
   * Of several rows of a region the newest location-based one counts: market-based, fossil-only and life-cycle figures
   * answer other questions and are not mixed with it.
   */
  constructor(rows: readonly GridFactorRow[]) {
    for (const row of rows) {
      const of = row.basis.startsWith("location-based")
        ? this.#byRegion
        : row.basis.startsWith("market-based residual")
          ? this.#residual
          : undefined;
      const known = of?.get(row.region);
      if (!known || row.year > known.year) of?.set(row.region, row);
    }
  }

  get regions(): string[] {
    return [...this.#byRegion.keys()];
  }

  /** The row of a region such as `CN-SD` or `COUNTRY-NOR`; undefined for a region that has no factor. */
  row(region: string): GridFactorRow | undefined {
    return this.#byRegion.get(region);
  }

  /** kgCO2(e) per kWh of a region. An annual average is the best known figure of any hour, so it holds for all time. */
  source(region: string): RateSource | undefined {
    const row = this.row(region);
    return row && { kind: "carbon", id: "grid-factors", unit: UNIT, slots: () => [slotOf(row)] };
  }

  /**
   * kgCO2(e) per kWh that no contract supplies, market-based: of the residual mix of a region or the country that it lies in; where
   * none is known, the location-based factor in its place, which the source says.
   */
  residual(region: string): RateSource | undefined {
    const row = this.#residual.get(region) ?? this.#residual.get(region.split("-", 1)[0]!);
    const stand = row ? undefined : this.row(region);
    const slot = row ? slotOf(row) : stand && standIn(slotOf(stand));
    return (
      slot && { kind: "carbonMarket", id: row ? "residual" : "location", unit: UNIT, slots: () => [slot] }
    );
  }
}

const UNIT = "kgCO2/kWh";

const standIn = (slot: Slot): Slot => ({
  ...slot,
  source: `${slot.source} (location-based, for want of a residual mix)`,
});

const slotOf = (row: GridFactorRow): Slot => ({
  startMs: Number.NEGATIVE_INFINITY,
  endMs: Number.POSITIVE_INFINITY,
  value: row.kgco2_per_kwh,
  source: `${row.name}, ${row.year}: ${titleOf(row.source)}`,
  note: `${row.basis}; ${row.source}`,
  // The average of a year is complete on its last day.
  asOfMs: Date.UTC(row.year, 11, 31),
});

/** The title that a citation begins with, before addresses, remarks and by which way it came. */
const titleOf = (citation: string): string => citation.split(/\s*[(;]|\s+https?:|\s+via\s/, 1)[0]!;
