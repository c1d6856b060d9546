import type { GridFactorRow } from "../../bundledData.js";
import type { RateSource } from "../slot.js";

/** The grid factors of the bundled table, by region. */
export class GridFactors {
  readonly #byRegion = new Map<string, GridFactorRow>();

  /**
   * Of several rows of a region the newest location-based one counts: market-based, fossil-only and life-cycle figures
   * answer other questions and are not mixed with it.
   */
  constructor(rows: readonly GridFactorRow[]) {
    for (const row of rows) {
      if (!row.basis.startsWith("location-based")) continue;
      const known = this.#byRegion.get(row.region);
      if (!known || row.year > known.year) this.#byRegion.set(row.region, row);
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
    if (!row) return undefined;
    const slot = {
      startMs: Number.NEGATIVE_INFINITY,
      endMs: Number.POSITIVE_INFINITY,
      value: row.kgco2_per_kwh,
      source: `${row.name}, ${row.year}: ${titleOf(row.source)}`,
      note: `${row.basis}; ${row.source}`,
      // The average of a year is complete on its last day.
      asOfMs: Date.UTC(row.year, 11, 31),
    };
    return { kind: "carbon", id: "grid-factors", unit: "kgCO2/kWh", slots: () => [slot] };
  }
}

/** The title that a citation begins with, before addresses, remarks and by which way it came. */
const titleOf = (citation: string): string => citation.split(/\s*[(;]|\s+https?:|\s+via\s/, 1)[0]!;
