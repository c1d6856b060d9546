import type { Reading } from "../../fleet/rigView.js";
import { BUCKET_MS, type RollupRow } from "../../rollup/row.js";
import type { StateStore } from "../../store/state/state.js";
import type { TelemetryStore } from "../../store/store.js";

/** Readings of one moment or a few, in the order of their time. */
export interface Moment {
  atMs: number;
  readings: { rig: number; reading: Reading }[];
}

const RAW_SLICE_MS = 600_000;
const ROWS_SLICE_MS = 3 * 3_600_000;
/** Single readings up to so many are read; beyond it rows of five minutes are. */
const MOST_RAW = 1_500_000;
const MINUTE_MS = 60_000;

/** A stretch of history, and from when on it goes by single readings; undefined where it does not. */
export interface History {
  rawFromMs: number | undefined;
  moments: AsyncIterable<Moment>;
}

/** What is held of a range: single readings where they are there and few enough to be read, before them rows of five minutes. */
export async function historyOf(
  {
    state,
    telemetry,
  }: { state: Pick<StateStore, "rollups">; telemetry: Pick<TelemetryStore, "samples" | "span" | "count"> },
  rigs: readonly number[],
  range: { fromMs: number; toMs: number },
): Promise<History> {
  const held = await telemetry.span();
  const fromMs =
    held && (held.fromMs <= range.fromMs ? range.fromMs : Math.ceil(held.fromMs / BUCKET_MS) * BUCKET_MS);
  if (
    fromMs === undefined ||
    fromMs >= range.toMs ||
    (await telemetry.count({ fromMs, toMs: range.toMs })) > MOST_RAW
  )
    return { rawFromMs: undefined, moments: rowHistory(state, rigs, range) };
  return { rawFromMs: fromMs, moments: joined() };

  async function* joined(): AsyncIterable<Moment> {
    if (fromMs! > range.fromMs) yield* rowHistory(state, rigs, { fromMs: range.fromMs, toMs: fromMs! });
    yield* rawHistory(telemetry, { fromMs: fromMs!, toMs: range.toMs });
  }
}

/** Single readings, minute by minute; a minute without any passes too, for what is not heard of must not go on by itself. */
export async function* rawHistory(
  telemetry: Pick<TelemetryStore, "samples">,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): AsyncIterable<Moment> {
  for (let at = fromMs; at < toMs; at += RAW_SLICE_MS) {
    const samples = await telemetry.samples({ fromMs: at, toMs: Math.min(toMs, at + RAW_SLICE_MS) });
    let moment: Moment = { atMs: at, readings: [] };
    for (const { rig, sample } of samples) {
      while (sample.atMs - moment.atMs >= MINUTE_MS) {
        yield moment;
        moment = { atMs: moment.atMs + MINUTE_MS, readings: [] };
      }
      moment.readings.push({ rig, reading: sample });
    }
    yield moment;
    for (let quiet = moment.atMs + MINUTE_MS; quiet < Math.min(toMs, at + RAW_SLICE_MS); quiet += MINUTE_MS)
      yield { atMs: quiet, readings: [] };
  }
}

/** Rows of five minutes, each as one reading at its end; five minutes without any pass too. */
export async function* rowHistory(
  state: Pick<StateStore, "rollups">,
  rigs: readonly number[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): AsyncIterable<Moment> {
  const shares = new Map<number, { accepted: number; rejected: number; acceptedDiff: number }>();
  for (let at = fromMs; at < toMs; at += ROWS_SLICE_MS) {
    const rows = await state.rollups({
      fromMs: at,
      toMs: Math.min(toMs, at + ROWS_SLICE_MS),
      stepMs: BUCKET_MS,
      rigs,
    });
    const byEnd = new Map<number, RollupRow[]>();
    for (const row of rows) {
      const endMs = row.startMs + BUCKET_MS;
      const own = byEnd.get(endMs);
      if (own) own.push(row);
      else byEnd.set(endMs, [row]);
    }
    const firstMs = Math.ceil(at / BUCKET_MS) * BUCKET_MS;
    for (let startMs = firstMs; startMs < Math.min(toMs, at + ROWS_SLICE_MS); startMs += BUCKET_MS) {
      const atMs = startMs + BUCKET_MS;
      const readings = (byEnd.get(atMs) ?? []).map((row) => ({
        rig: row.rig,
        reading: readingOf(row, atMs, shares),
      }));
      yield { atMs, readings };
    }
  }
}

/** A row as a reading: means, and of temperatures the highest. What a row does not hold is not known. */
function readingOf(
  row: RollupRow,
  atMs: number,
  counters: Map<number, { accepted: number; rejected: number; acceptedDiff: number }>,
): Reading {
  const at = { atMs, intervalMs: BUCKET_MS };
  if (row.coveredMs === 0) return { ...at, status: "unreachable" };
  const sum = counters.get(row.rig) ?? { accepted: 0, rejected: 0, acceptedDiff: 0 };
  counters.set(row.rig, sum);
  sum.accepted += row.accepted ?? 0;
  // Not every dialect tells stale shares apart from rejected ones.
  sum.rejected += (row.rejected ?? 0) + (row.stale ?? 0);
  sum.acceptedDiff += row.acceptedDiff ?? 0;
  return {
    ...at,
    status: row.miningMs >= row.coveredMs / 2 ? "mining" : "idle",
    ...(row.algo !== undefined && { algo: row.algo }),
    ...(row.hashrateThs && { hashrateThs: row.hashrateThs.mean }),
    ...(row.powerW && { powerW: row.powerW.mean }),
    ...(row.inletTempC && { inletTempC: row.inletTempC.max }),
    ...(row.boardTempC && { boardTempC: row.boardTempC.max }),
    ...(row.chipTempC && { chipTempC: row.chipTempC.max }),
    ...(row.fanRpm && { fansRpm: [row.fanRpm.min] }),
    // A ratio of rejects needs both sides of it.
    ...(row.accepted !== undefined &&
      row.rejected !== undefined && {
        shares: {
          accepted: sum.accepted,
          rejected: sum.rejected,
          ...(row.acceptedDiff !== undefined && { acceptedDiff: sum.acceptedDiff }),
        },
      }),
  };
}
