import { kwhFromWMs, thsHoursFromThsMs } from "@hashwatt/protocol/units";
import type { BoardPoint, FanPoint, PartsRange, RawRow, RawSeriesQuery, RawSeriesStep } from "../store.js";
import { HeldSteps, heldRowsSql } from "./heldSteps.js";
import { boardAt, placeFans } from "./partRows.js";
import { boardsSql, fansSql } from "./partsSql.js";
import { rawSeriesSql } from "./rawSeriesSql.js";
import { bare, known, literal, literals, type Session } from "./session.js";
import type { Texts } from "./texts.js";

/** A window of raw rows, of all or the given rigs. */
export interface RawRange {
  fromMs: number;
  toMs: number;
  rigs?: readonly number[];
}

const RAW_COLUMNS = [
  "interval_ms",
  "status",
  "algo",
  "hashrate_ths",
  "power_w",
  "power_source",
  "inlet_c",
  "board_c",
  "chip_c",
  "fan_rpm",
  "accepted",
  "rejected",
  "stale",
  "accepted_diff",
  "uptime_s",
] as const;

/** Scalars by rig and time. */
export async function readRaw(session: Session, range: RawRange, texts: Texts): Promise<RawRow[]> {
  const rigs = range.rigs ? `AND rig IN (${literals(range.rigs)})` : "";
  const columns = await session.columns(
    `SELECT ts::DOUBLE AS ts, rig, ${RAW_COLUMNS.map((name) => `${bare(name)} AS ${name}`).join(", ")}
     FROM samples WHERE ts >= ${literal(range.fromMs)} AND ts < ${literal(range.toMs)} ${rigs} ORDER BY rig, ts`,
  );
  const { ts = [], rig = [] } = columns;
  return ts.map((atMs, i) => {
    const value = (name: (typeof RAW_COLUMNS)[number]) => known(columns[name]?.[i]);
    return {
      rig: Number(rig[i]),
      atMs: Number(atMs),
      intervalMs: value("interval_ms")!,
      status: value("status")!,
      algo: texts.textOf(value("algo")) ?? null,
      hashrateThs: value("hashrate_ths"),
      powerW: value("power_w"),
      powerSource: value("power_source"),
      inletTempC: value("inlet_c"),
      boardTempC: value("board_c"),
      chipTempC: value("chip_c"),
      fanRpm: value("fan_rpm"),
      accepted: value("accepted"),
      rejected: value("rejected"),
      stale: value("stale"),
      acceptedDiff: value("accepted_diff"),
      uptimeS: value("uptime_s"),
    };
  });
}

/**
 * Steps of a history by sample-and-hold. One rig's readings are few and are weighted here, which takes half the time of
 * windows in SQL; those of a site are many and stay there.
 */
export async function readRawSeries(
  session: Session,
  query: RawSeriesQuery,
  texts: Texts,
): Promise<RawSeriesStep[]> {
  const [rig, ...others] = query.rigs;
  if (rig !== undefined && !others.length && query.algo === undefined) {
    const steps = new HeldSteps(query);
    await session.numbers(heldRowsSql(rig, query), (columns, rows) => steps.add(columns, rows));
    return steps.finish();
  }
  // An algorithm that no row has matches none of them; rows without one still count.
  const algoId = query.algo === undefined ? undefined : (texts.lookup(query.algo) ?? -1);
  const columns = await session.columns(rawSeriesSql(query, algoId));
  return (columns.at_ms ?? []).map((atMs, i) => {
    const number = (name: string) => columns[name]?.[i] as number;
    const value = (name: string) => known(columns[name]?.[i]);
    return {
      atMs: atMs as number,
      reportingRigs: number("reporting"),
      coveredMs: number("covered_ms"),
      hashCoveredMs: number("hash_covered_ms"),
      powerCoveredMs: number("power_covered_ms"),
      thsHours: thsHoursFromThsMs(number("ths_ms"), 1),
      kwh: kwhFromWMs(number("w_ms"), 1),
      hashrateThs: value("hashrate_ths"),
      hashrateThsMin: value("hashrate_ths_min"),
      hashrateThsMax: value("hashrate_ths_max"),
      powerW: value("power_w"),
      powerWMin: value("power_w_min"),
      powerWMax: value("power_w_max"),
      inletTempC: value("inlet_c"),
      boardTempC: value("board_c"),
      boardTempCMax: value("board_c_max"),
      chipTempC: value("chip_c"),
      chipTempCMax: value("chip_c_max"),
      fanRpm: value("fan_rpm"),
    };
  });
}

/** Steps of one rig's boards. */
export async function readBoards(session: Session, range: PartsRange): Promise<BoardPoint[]> {
  const columns = await session.columns(boardsSql(range));
  return (columns.at_ms ?? []).map((atMs, i) => ({ atMs: Number(atMs), ...boardAt(columns, i) }));
}

/** Steps of one rig's fans. */
export async function readFans(session: Session, range: PartsRange): Promise<FanPoint[]> {
  const columns = await session.columns(fansSql(range));
  const points: FanPoint[] = [];
  for (const [i, at] of (columns.at_ms ?? []).entries()) {
    let point = points.at(-1);
    if (point?.atMs !== at) {
      point = { atMs: Number(at), fansRpm: [] };
      points.push(point);
    }
    placeFans(columns, i, point.fansRpm);
  }
  // A step whose fans are known no more is none.
  return points.filter(({ fansRpm }) => fansRpm.length);
}

/** Samples of a window. */
export async function countSamples(
  session: Session,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<number> {
  const [row] = await session.rows(
    `SELECT count(*) AS n FROM samples WHERE ts >= ${literal(fromMs)} AND ts < ${literal(toMs)}`,
  );
  return Number(row?.n);
}

/** Starts of the steps with samples that arrived at or after `receivedMs`, ascending. */
export async function readBuckets(session: Session, receivedMs: number, stepMs: number): Promise<number[]> {
  const step = literal(stepMs);
  const columns = await session.columns(
    `SELECT DISTINCT (ts // ${step} * ${step})::DOUBLE AS start FROM samples
     WHERE ts + lag_ms >= ${literal(receivedMs)} ORDER BY start`,
  );
  return (columns.start ?? []).map(Number);
}

/** First and last instant of a sample; undefined when there is none. */
export async function readSpan(session: Session): Promise<{ fromMs: number; toMs: number } | undefined> {
  const [row] = await session.rows("SELECT min(ts) AS low, max(ts) AS high FROM samples");
  if (row?.low == null || row.high == null) return undefined;
  return { fromMs: Number(row.low), toMs: Number(row.high) };
}
