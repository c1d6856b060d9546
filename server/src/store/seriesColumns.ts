import type { Series } from "@hashwatt/protocol/http";
import type { TierChoice } from "./tier.js";

/** Whole steps of an answer: `fromMs` begins one, the last may be cut short by `toMs`. */
export interface SeriesWindow {
  fromMs: number;
  toMs: number;
  stepMs: number;
}

/** The columns of an answer while it is made: a number per step and field, NaN = not known, which all are at first. */
export class SeriesColumns<F extends string> {
  readonly steps: number;
  readonly #covered: Float64Array;
  readonly #columns: readonly Float64Array[];

  constructor(
    readonly fields: readonly F[],
    readonly window: SeriesWindow,
  ) {
    const { fromMs, toMs, stepMs } = window;
    this.steps = Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
    this.#covered = new Float64Array(this.steps);
    this.#columns = fields.map(() => new Float64Array(this.steps).fill(Number.NaN));
  }

  /** The step that an instant falls into; undefined outside of the window. */
  stepAt(ms: number): number | undefined {
    const step = Math.floor((ms - this.window.fromMs) / this.window.stepMs);
    return step >= 0 && step < this.steps ? step : undefined;
  }

  /** Fills a step in: `coveredMs` of it was measured, `value` tells that of each field; null and NaN are not known. */
  put(step: number, coveredMs: number, value: (field: F) => number | null): void {
    this.#covered[step] = coveredMs;
    for (let c = 0; c < this.fields.length; c++)
      this.#columns[c]![step] = value(this.fields[c]!) ?? Number.NaN;
  }

  /** As {@link put}, unless more of the step is filled in already. */
  putMore(step: number, coveredMs: number, value: (field: F) => number | null): void {
    if (this.#covered[step]! === 0 || coveredMs > this.#covered[step]!) this.put(step, coveredMs, value);
  }

  /** The answer to what was `asked`. Covered time is a share of that of `rigs` rigs. */
  answer(asked: { fromMs: number; toMs: number }, { tier, note }: TierChoice, rigs: number): Series {
    const { fromMs, toMs, stepMs } = this.window;
    const tMs: number[] = [];
    let coveredMs = 0;
    for (let i = 0; i < this.steps; i++) {
      const atMs = fromMs + i * stepMs;
      tMs.push(atMs);
      coveredMs += this.#covered[i]!;
      this.#covered[i] = Math.min(1, this.#covered[i]! / ((Math.min(atMs + stepMs, toMs) - atMs) * rigs));
    }
    const columns: Series["columns"] = { covered: withGaps(this.#covered) };
    for (const [c, field] of this.fields.entries()) columns[field] = withGaps(this.#columns[c]!);
    const rangeMs = (toMs - fromMs) * rigs;
    return {
      fromMs: asked.fromMs,
      toMs: asked.toMs,
      stepMs,
      tier,
      coverage: rangeMs > 0 ? Math.min(1, coveredMs / rangeMs) : 0,
      ...(note !== undefined && { note }),
      tMs,
      columns,
    };
  }
}

/** A column as it is sent. One without a gap stays an array of plain numbers, none of them an object of its own. */
export function withGaps(column: Float64Array): (number | null)[] {
  const values: number[] = [];
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!;
    if (Number.isNaN(value)) return Array.from(column, (known) => (Number.isNaN(known) ? null : known));
    values.push(value);
  }
  return values;
}
