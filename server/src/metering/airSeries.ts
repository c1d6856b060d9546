import type { AirNow, AirSeries } from "@hashwatt/protocol/meters";
import { foldAir } from "../rollup/foldAir.js";
import { significant } from "../rollup/means.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import type { AirRow, StateStore } from "../store/state/state.js";

/** Steps of an answer at most, and cells of all its sensors. */
const MAX_STEPS = 1_500;
const MAX_CELLS = 60_000;

/** A stretch of a site's air, with what its sensors say now and the rows that may not be written yet. */
export interface AirSeriesQuery {
  site: string;
  fromMs: number;
  toMs: number;
  stepMs?: number;
  /** One sensor only. */
  meter?: string;
  now: readonly AirNow[];
  open: readonly AirRow[];
  nowMs: number;
}

/** The history of a site's air: of 5-minute rows, or of hourly ones where these are gone or the steps are as long. */
export async function airSeries(
  { site, fromMs, toMs, stepMs: wished, meter, now, open, nowMs }: AirSeriesQuery,
  state: Pick<StateStore, "air">,
): Promise<AirSeries> {
  const sensors = now.filter((each) => meter === undefined || each.meter === meter);
  const most = Math.max(1, Math.min(MAX_STEPS, Math.floor(MAX_CELLS / Math.max(1, sensors.length))));
  const stepMs = stepOf(Math.max(wished ?? 0, (toMs - fromMs) / most));
  const read = async (foldMs: number) => {
    const startMs = Math.floor(fromMs / foldMs) * foldMs;
    // Of the present hour memory knows more than the file.
    const hourMs = Math.max(startMs, Math.floor(nowMs / HOUR_MS) * HOUR_MS);
    const of = { site, ...(meter !== undefined && { meter }) };
    const tierMs = foldMs % HOUR_MS === 0 ? HOUR_MS : BUCKET_MS;
    const held = await state.air.rows({
      ...of,
      fromMs: startMs,
      toMs: Math.min(toMs, hourMs),
      stepMs: tierMs,
      foldMs,
    });
    const recent = new Map<string, AirRow>();
    if (hourMs < toMs)
      for (const row of [
        ...(await state.air.rows({ ...of, fromMs: hourMs, toMs, stepMs: BUCKET_MS })),
        ...open,
      ])
        if (row.startMs >= hourMs && row.startMs < toMs && (meter === undefined || row.meter === meter))
          recent.set(`${row.meter} ${row.startMs}`, row);
    return { startMs, rows: foldAir([...held, ...recent.values()], foldMs) };
  };
  let step = stepMs;
  let found = await read(step);
  if (!found.rows.length && step < HOUR_MS) {
    const hours = await read(HOUR_MS);
    if (hours.rows.length) [step, found] = [HOUR_MS, hours];
  }
  const { startMs, rows } = found;
  const tMs = Array.from({ length: Math.ceil((toMs - startMs) / step) }, (_, i) => startMs + i * step);
  const byMeter = new Map<string, AirRow[]>();
  for (const row of rows) byMeter.set(row.meter, [...(byMeter.get(row.meter) ?? []), row]);
  const gone = [...byMeter.values()].flatMap(([row]): AirNow[] => {
    if (!row || sensors.some((each) => each.meter === row.meter)) return [];
    return [{ meter: row.meter, at: row.place, unit: row.unit, value: null, atMs: null }];
  });
  return {
    fromMs,
    toMs,
    stepMs: step,
    tMs,
    sensors: [...sensors, ...gone].map((sensor) => ({
      ...sensor,
      columns: columnsOf(byMeter.get(sensor.meter) ?? [], startMs, step, tMs.length),
    })),
  };
}

/** Whole buckets, and whole hours from an hour on. */
function stepOf(ms: number): number {
  const buckets = Math.max(1, Math.ceil(ms / BUCKET_MS)) * BUCKET_MS;
  return buckets < HOUR_MS ? buckets : Math.ceil(buckets / HOUR_MS) * HOUR_MS;
}

function columnsOf(
  rows: readonly AirRow[],
  fromMs: number,
  stepMs: number,
  steps: number,
): AirSeries["sensors"][number]["columns"] {
  const gaps = () => Array.from({ length: steps }, (): number | null => null);
  const columns = { mean: gaps(), min: gaps(), max: gaps(), covered: Array.from({ length: steps }, () => 0) };
  for (const row of rows) {
    const at = Math.floor((row.startMs - fromMs) / stepMs);
    if (at < 0 || at >= steps || row.coveredMs <= 0) continue;
    for (const field of ["mean", "min", "max"] as const) columns[field][at] = significant(row[field]);
    columns.covered[at] = Math.min(1, row.coveredMs / stepMs);
  }
  return columns;
}
