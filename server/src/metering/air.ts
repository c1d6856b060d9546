import type { AirNow } from "@hashwatt/protocol/meters";
import type { Logger } from "pino";
import { foldAir } from "../rollup/foldAir.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import type { AirRow, StateStore } from "../store/state/state.js";
import type { Meter } from "./meter.js";
import { airNow } from "./meterState.js";

/** Between two looks no more than this is held: a process that stood still has measured nothing. */
const LONGEST_MS = 10_000;
/** Rows that wait for a state file that takes none; the oldest go first. */
const MAX_WAITING = 20_000;

/** What sensors of the air say, as history: 5-minute rows and hours in the state file. */
export class Air {
  /** The rows of the present hour by sensor, the open one last. */
  readonly #hours = new Map<Meter, AirRow[]>();
  /** Start of the newest row of each sensor that is over and on its way to the state file. */
  readonly #kept = new Map<Meter, number>();
  #lookedMs: number | undefined;
  #waiting: AirRow[] = [];
  #writing: Promise<void> | undefined;

  private constructor(
    meters: readonly Meter[],
    private readonly state: Pick<StateStore, "air">,
    private readonly log: Pick<Logger, "warn">,
  ) {
    for (const meter of meters) this.#hours.set(meter, []);
  }

  /** Takes up the present hour where the process before left it. */
  static async open(
    meters: readonly Meter[],
    state: Pick<StateStore, "air">,
    log: Pick<Logger, "warn">,
    nowMs: number,
  ): Promise<Air> {
    const air = new Air(meters, state, log);
    const fromMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
    const range = { fromMs, toMs: fromMs + HOUR_MS, stepMs: BUCKET_MS };
    for (const site of new Set(meters.map(({ config }) => config.site)))
      for (const row of await state.air.rows({ ...range, site }))
        for (const [meter, rows] of air.#hours)
          if (meter.config.site === site && meter.name === row.meter && meter.unit === row.unit)
            rows.push(row);
    return air;
  }

  /** Adds what the sensors say now for the time since the last look. To be called about once a second. */
  sweep(nowMs: number): void {
    const ms = Math.min(LONGEST_MS, nowMs - (this.#lookedMs ?? nowMs));
    this.#lookedMs = nowMs;
    if (ms <= 0) return;
    const startMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
    for (const [meter, rows] of this.#hours) {
      const last = rows.at(-1);
      if (last && last.startMs < startMs) {
        if (this.#kept.get(meter) !== last.startMs) this.#keep(rows);
        this.#kept.set(meter, last.startMs);
        if (Math.floor(last.startMs / HOUR_MS) < Math.floor(startMs / HOUR_MS)) rows.length = 0;
      }
      const value = meter.valueAt(nowMs);
      // What lies before the bucket is little, and the bucket before is written.
      if (value !== undefined) add(meter, rows, value, startMs, Math.min(ms, nowMs - startMs));
    }
    this.#write();
  }

  /** The sensors of a site as they stand. */
  now(site: string, nowMs: number): AirNow[] {
    return this.#of(site).map((meter) => airNow(meter, nowMs));
  }

  /** Rows of a site that may not be written yet: those of the present hour. */
  open(site: string): AirRow[] {
    return this.#of(site).flatMap((meter) => this.#hours.get(meter)!);
  }

  /** Writes the open rows too. */
  async close(): Promise<void> {
    for (const rows of this.#hours.values()) if (rows.length) this.#keep(rows);
    await this.#writing;
    this.#write();
    await this.#writing;
  }

  #of(site: string): Meter[] {
    return [...this.#hours.keys()].filter(({ config }) => config.site === site);
  }

  /** Lets the last row and the hour so far be written. */
  #keep(rows: readonly AirRow[]): void {
    this.#waiting.push({ ...rows.at(-1)! }, ...foldAir(rows, HOUR_MS));
    this.#waiting.splice(0, Math.max(0, this.#waiting.length - MAX_WAITING));
  }

  #write(): void {
    if (this.#writing || !this.#waiting.length) return;
    const rows = this.#waiting;
    this.#waiting = [];
    this.#writing = this.state.air
      .put(rows)
      .catch((error: unknown) => {
        this.log.warn({ err: error }, "rows of the air are not written yet");
        this.#waiting = [...rows, ...this.#waiting].slice(-MAX_WAITING);
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }
}

function add(meter: Meter, rows: AirRow[], value: number, startMs: number, ms: number): void {
  const { site, at } = meter.config;
  let open = rows.at(-1);
  if (open?.startMs !== startMs) {
    const place = at as AirRow["place"];
    const unit = meter.unit as AirRow["unit"];
    open = {
      site,
      meter: meter.name,
      place,
      unit,
      startMs,
      stepMs: BUCKET_MS,
      coveredMs: 0,
      min: value,
      mean: value,
      max: value,
    };
    rows.push(open);
  }
  const coveredMs = open.coveredMs + ms;
  if (coveredMs > 0) open.mean = (open.mean * open.coveredMs + value * ms) / coveredMs;
  open.coveredMs = coveredMs;
  open.min = Math.min(open.min, value);
  open.max = Math.max(open.max, value);
}
