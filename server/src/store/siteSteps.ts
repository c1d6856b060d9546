import { MEAN_DIGITS, significant } from "../rollup/means.js";
import type { SiteRollupRow } from "../rollup/row.js";
import type { SiteBaseField } from "./series.js";
import type { SeriesColumns } from "./seriesColumns.js";
import { SITE_COLUMNS, type SiteColumn, type SiteColumns } from "./state/state.js";

/** The columns that each field of a site is made of. */
const SOURCES: Record<SiteBaseField, readonly SiteColumn[]> = {
  hashrateThs: ["thsHours", "hashSpanMs"],
  nominalThs: ["nominalThs"],
  powerW: ["kwh", "powerSpanMs"],
  energyKwh: ["kwh", "powerCoveredMs"],
  reportingRigs: [],
  rigs: [],
};

/** The columns to read for `fields`: covered time and rigs always, what each field is made of beside them. */
export function siteColumnsOf(fields: readonly SiteBaseField[]): SiteColumn[] {
  const wanted = new Set<SiteColumn>(["rigMs", "coveredMs", ...fields.flatMap((field) => SOURCES[field])]);
  return SITE_COLUMNS.filter((name) => wanted.has(name));
}

const NOMINAL = SITE_COLUMNS.indexOf("nominalThs");

/**
 * Sums rows of a site into the steps of an answer. To be given rows by start; a step is put when the next one begins, and the
 * last by `finish`. Work and energy are divided by the longest time that any rig was known, so that a gap of the whole site
 * leaves the mean as it was while a rig that is missing is missing from the sum.
 */
export class SiteSteps {
  #step: number | undefined;
  #lengthMs = 0;
  /** In the order of SITE_COLUMNS. */
  readonly #sums = new Float64Array(SITE_COLUMNS.length);
  /** Rigs of the step that had most, rounded up; at least one. */
  mostRigs = 1;

  /** `rated`: whether the rows' rates are sums; where not, hashrate and nominal stay unknown. */
  constructor(
    private readonly into: SeriesColumns<SiteBaseField>,
    private readonly rated = true,
  ) {}

  /** Adds rows whose columns are those of `names`. */
  addColumns({ startMs, stepMs, columns }: SiteColumns, names: readonly SiteColumn[]): void {
    const places = names.map((name) => SITE_COLUMNS.indexOf(name));
    for (let i = 0; i < startMs.length; i++) {
      if (!this.#enter(startMs[i]!, stepMs[i]!)) continue;
      for (let c = 0; c < places.length; c++) this.#add(places[c]!, columns[c]![i]!);
    }
  }

  addRow(row: SiteRollupRow): void {
    if (!this.#enter(row.startMs, row.stepMs)) return;
    for (const [place, name] of SITE_COLUMNS.entries()) this.#add(place, row[name] ?? Number.NaN);
  }

  finish(): void {
    if (this.#step === undefined) return;
    const [rigMs, coveredMs, hashSpanMs, thsHours, powerCoveredMs, powerSpanMs, kwh, nominalThs] = this
      .#sums as unknown as [number, number, number, number, number, number, number, number];
    const rigs = rigMs / this.#lengthMs;
    this.mostRigs = Math.max(this.mostRigs, Math.ceil(rigs));
    this.into.put(this.#step, coveredMs, (field) => {
      switch (field) {
        case "hashrateThs":
          return this.rated && hashSpanMs > 0
            ? significant((thsHours * 3.6e6) / hashSpanMs, MEAN_DIGITS)
            : null;
        case "nominalThs":
          return this.rated ? nominalThs : null;
        case "powerW":
          return powerSpanMs > 0 ? significant((kwh * 3.6e9) / powerSpanMs, MEAN_DIGITS) : null;
        case "energyKwh":
          return powerCoveredMs > 0 ? significant(kwh) : null;
        case "reportingRigs":
          return coveredMs / this.#lengthMs;
        case "rigs":
          return rigs;
      }
    });
  }

  /** Makes ready for a row; false for one outside of the answer. */
  #enter(startMs: number, stepMs: number): boolean {
    const step = this.into.stepAt(startMs);
    if (step === undefined) return false;
    if (step !== this.#step) {
      this.finish();
      this.#step = step;
      this.#lengthMs = 0;
      this.#sums.fill(0);
    }
    this.#lengthMs += stepMs;
    return true;
  }

  #add(place: number, value: number): void {
    // What rigs were sold for is not summed over time: the newest stands.
    if (place === NOMINAL) this.#sums[place] = value;
    else this.#sums[place]! += value;
  }
}
