import { kwhFromWMs, thsHoursFromThsMs } from "@hashwatt/protocol/units";
import { holdMs, MAX_HOLD_MS } from "../../rollup/hold.js";
import { HELD_QUANTITIES, type HeldQuantity, type RawSeriesQuery, type RawSeriesStep } from "../store.js";
import { bare, literal } from "./session.js";

/** The column of `samples` that holds each quantity. */
export const HELD_COLUMNS: Record<HeldQuantity, string> = {
  hashrateThs: "hashrate_ths",
  powerW: "power_w",
  inletTempC: "inlet_c",
  boardTempC: "board_c",
  chipTempC: "chip_c",
  fanRpm: "fan_rpm",
};

/** The readings behind one rig's steps, as {@link HeldSteps} takes them. What is not asked for is not read. */
export function heldRowsSql(
  rig: number,
  { fromMs, toMs, quantities = HELD_QUANTITIES }: RawSeriesQuery,
): string {
  const read = quantities.map((name) => `, ${bare(HELD_COLUMNS[name])}`).join("");
  return `SELECT ts::DOUBLE, status::DOUBLE, interval_ms::DOUBLE${read} FROM samples
    WHERE rig = ${literal(rig)} AND ts >= ${literal(fromMs - MAX_HOLD_MS)} AND ts < ${literal(toMs)} ORDER BY ts`;
}

/** Covered ms, sum of value × ms, min, max of each quantity. */
const WIDTH = 4;

/**
 * Sample-and-hold over one rig's readings in order of time, by the same arithmetic as `rawSeriesOf`, in numbers that are
 * used over and over: a day of readings makes 1,440 objects and no more.
 */
export class HeldSteps {
  readonly #steps: RawSeriesStep[] = [];
  readonly #names: readonly HeldQuantity[];
  /** The reading that is held; its time is NaN before the first. */
  #atMs = Number.NaN;
  #heldMs = 0;
  readonly #values: Float64Array;
  /** The step that is being summed. */
  #index = Number.NaN;
  #coveredMs = 0;
  readonly #sums: Float64Array;

  constructor(private readonly query: RawSeriesQuery) {
    this.#names = query.quantities ?? HELD_QUANTITIES;
    this.#values = new Float64Array(this.#names.length);
    this.#sums = new Float64Array(this.#names.length * WIDTH);
  }

  /** Takes rows as columns in the order of {@link heldRowsSql}; NaN = not measured. */
  add(columns: readonly Float64Array[], rows: number): void {
    const [at, status, interval] = columns as [Float64Array, Float64Array, Float64Array];
    for (let i = 0; i < rows; i++) {
      this.#hold(at[i]!);
      this.#atMs = at[i]!;
      this.#heldMs = holdMs(status[i]!, interval[i]!);
      for (let q = 0; q < this.#values.length; q++) this.#values[q] = columns[3 + q]![i]!;
    }
  }

  /** Steps that hold any reading, by time; to be called once, after the last row. */
  finish(): RawSeriesStep[] {
    this.#hold(Number.POSITIVE_INFINITY);
    this.#close();
    return this.#steps;
  }

  /** Counts the held reading for its time up to the next one, cut at the steps. */
  #hold(nextMs: number): void {
    const { fromMs, toMs, stepMs } = this.query;
    const endMs = Math.min(this.#atMs + this.#heldMs, nextMs, toMs);
    // Not a number before the first reading.
    for (let at = Math.max(this.#atMs, fromMs); at < endMs; ) {
      const index = Math.floor(at / stepMs);
      if (index !== this.#index) this.#open(index);
      const until = Math.min(endMs, (index + 1) * stepMs);
      this.#weigh(until - at);
      at = until;
    }
  }

  #open(index: number): void {
    this.#close();
    this.#index = index;
    this.#coveredMs = 0;
    for (let k = 0; k < this.#sums.length; k += WIDTH) {
      this.#sums[k] = 0;
      this.#sums[k + 1] = 0;
      this.#sums[k + 2] = Number.POSITIVE_INFINITY;
      this.#sums[k + 3] = Number.NEGATIVE_INFINITY;
    }
  }

  #weigh(ms: number): void {
    this.#coveredMs += ms;
    const sums = this.#sums;
    for (let q = 0, k = 0; q < this.#values.length; q++, k += WIDTH) {
      const value = this.#values[q]!;
      if (Number.isNaN(value)) continue;
      sums[k]! += ms;
      sums[k + 1]! += value * ms;
      if (value < sums[k + 2]!) sums[k + 2] = value;
      if (value > sums[k + 3]!) sums[k + 3] = value;
    }
  }

  #close(): void {
    if (Number.isNaN(this.#index)) return;
    const sums = this.#sums;
    const place = (name: HeldQuantity) => WIDTH * this.#names.indexOf(name);
    const known = (k: number) => k >= 0 && sums[k]! > 0;
    const mean = (k: number) => (known(k) ? sums[k + 1]! / sums[k]! : null);
    const low = (k: number) => (known(k) ? sums[k + 2]! : null);
    const high = (k: number) => (known(k) ? sums[k + 3]! : null);
    const [hash, power, board, chip] = [
      place("hashrateThs"),
      place("powerW"),
      place("boardTempC"),
      place("chipTempC"),
    ] as const;
    this.#steps.push({
      atMs: this.#index * this.query.stepMs,
      reportingRigs: 1,
      coveredMs: this.#coveredMs,
      hashCoveredMs: known(hash) ? sums[hash]! : 0,
      powerCoveredMs: known(power) ? sums[power]! : 0,
      thsHours: known(hash) ? thsHoursFromThsMs(sums[hash + 1]!, 1) : 0,
      kwh: known(power) ? kwhFromWMs(sums[power + 1]!, 1) : 0,
      hashrateThs: mean(hash),
      hashrateThsMin: low(hash),
      hashrateThsMax: high(hash),
      powerW: mean(power),
      powerWMin: low(power),
      powerWMax: high(power),
      inletTempC: mean(place("inletTempC")),
      boardTempC: mean(board),
      boardTempCMax: high(board),
      chipTempC: mean(chip),
      chipTempCMax: high(chip),
      fanRpm: mean(place("fanRpm")),
    });
  }
}
