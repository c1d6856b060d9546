import {
  type Board,
  type Fault,
  faultSchema,
  POWER_SOURCES,
  type Sample,
  STATUSES,
} from "@hashwatt/protocol/sample";
import { z } from "zod";
import { BOARD_NUMBERS } from "../parts.js";
import { slowestFan } from "../rawRow.js";
import type { RawRow, StoredSample } from "../store.js";
import type { InfluxSeries } from "./client.js";
import { FANS, NUMBERS, rigOfTag, SHARES, TEXTS } from "./fields.js";

type Row = InfluxSeries["values"][number];
type Value = Row[number];

/** Where the columns of an answer stand. A selector's column is called after its function. */
export class Columns {
  readonly #at: ReadonlyMap<string, number>;

  constructor({ columns }: Pick<InfluxSeries, "columns">) {
    this.#at = new Map(columns.map((name, at) => [name, at]));
  }

  /** Position of a column; -1 where the answer has none. */
  at(name: string): number {
    return this.#at.get(name) ?? -1;
  }
}

/** The value of a tag: beside the series, or as a column where a version answers it so. */
export function tagOf(
  { tags }: InfluxSeries,
  name: string,
  columns: Columns,
  row: Row | undefined,
): string | undefined {
  const value = tags[name] ?? row?.[columns.at(name)];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The rig that a series, or a row of one, belongs to. */
export const rigOf = (series: InfluxSeries, columns: Columns, row: Row | undefined): number | undefined =>
  rigOfTag(tagOf(series, "rig", columns, row));

const number = (value: Value | undefined): number | undefined =>
  typeof value === "number" ? value : undefined;
const text = (value: Value | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** The fields of a {@link RawRow}, in the order in which {@link rawRows} reads best. */
export const RAW_FIELDS = [
  "status",
  "intervalMs",
  "algo",
  "hashrateThs",
  "powerW",
  "powerSource",
  "inletTempC",
  "boardTempC",
  "chipTempC",
  "fanRpm",
  "accepted",
  "rejected",
  "stale",
  "acceptedDiff",
  "uptimeS",
] as const;

const STATUS_INDEX: ReadonlyMap<unknown, number> = new Map(STATUSES.map((name, index) => [name, index]));
const SOURCE_INDEX: ReadonlyMap<unknown, number> = new Map(POWER_SOURCES.map((name, index) => [name, index]));

/** What stands in a column. To ask an array for its element −1 is a look-up by name, which takes ten times as long. */
const held = (row: Row, place: number): Value => (place < 0 ? null : (row[place] ?? null));

/** Adds the rows of a series to those of their rigs. What a query did not select reads as not reported. */
export function addRawRows(series: InfluxSeries, byRig: Map<number, RawRow[]>): void {
  const columns = new Columns(series);
  const at = Object.fromEntries(RAW_FIELDS.map((name) => [name, columns.at(name)])) as Record<
    (typeof RAW_FIELDS)[number],
    number
  >;
  const timeAt = columns.at("time");
  const known = rigOfTag(series.tags.rig);
  for (const row of series.values) {
    const rig = known ?? rigOf(series, columns, row);
    const status = STATUS_INDEX.get(row[at.status]);
    if (rig === undefined || status === undefined) continue;
    const value = (place: number): number | null => held(row, place) as number | null;
    const raw: RawRow = {
      rig,
      atMs: row[timeAt] as number,
      intervalMs: row[at.intervalMs] as number,
      status,
      algo: held(row, at.algo) as string | null,
      hashrateThs: value(at.hashrateThs),
      powerW: value(at.powerW),
      powerSource: SOURCE_INDEX.get(held(row, at.powerSource)) ?? null,
      inletTempC: value(at.inletTempC),
      boardTempC: value(at.boardTempC),
      chipTempC: value(at.chipTempC),
      fanRpm: value(at.fanRpm),
      accepted: value(at.accepted),
      rejected: value(at.rejected),
      stale: value(at.stale),
      acceptedDiff: value(at.acceptedDiff),
      uptimeS: value(at.uptimeS),
    };
    const rows = byRig.get(rig);
    if (rows) rows.push(raw);
    else byRig.set(rig, [raw]);
  }
}

/** Rows by rig and time, as they were added rig by rig. */
export function sortedRows(byRig: ReadonlyMap<number, RawRow[]>): RawRow[] {
  const all: RawRow[] = [];
  for (const rig of [...byRig.keys()].sort((a, b) => a - b)) {
    const rows = byRig.get(rig)!;
    for (let i = 1; i < rows.length; i++)
      if (rows[i]!.atMs < rows[i - 1]!.atMs) {
        rows.sort((a, b) => a.atMs - b.atMs);
        break;
      }
    for (const row of rows) all.push(row);
  }
  return all;
}

/** The sample behind a row of all {@link RIG_FIELDS} and fans, without its boards; undefined for a row that is none of ours. */
export function sampleOf(series: InfluxSeries, columns: Columns, row: Row): StoredSample | undefined {
  const value = (name: string): Value | undefined => row[columns.at(name)];
  const rig = rigOf(series, columns, row);
  const [atMs, intervalMs] = [number(value("time")), number(value("intervalMs") ?? value("last"))];
  const status = STATUSES[STATUS_INDEX.get(value("status")) ?? -1];
  if (rig === undefined || atMs === undefined || intervalMs === undefined || status === undefined)
    return undefined;
  const sample: Omit<Sample, "rig"> = { atMs, intervalMs, status };
  for (const name of NUMBERS) {
    const held = number(value(name));
    if (held !== undefined) sample[name] = held;
  }
  for (const name of SHARES) {
    const held = number(value(name));
    if (held !== undefined) sample.shares = { ...sample.shares, [name]: held };
  }
  for (const name of TEXTS) {
    const held = text(value(name));
    if (held !== undefined) Object.assign(sample, { [name]: held });
  }
  const fans = FANS.map((name) => number(value(name))).filter((rpm) => rpm !== undefined);
  if (fans.length) sample.fansRpm = fans;
  const faults = faultsOf(text(value("faults")));
  if (faults) sample.faults = faults;
  const stored: StoredSample = { rig, receivedMs: atMs + (number(value("lagMs")) ?? 0), sample };
  const slowest = number(value("fanRpm"));
  if (slowest !== undefined && slowest !== slowestFan(fans)) stored.slowestFanRpm = slowest;
  return stored;
}

/** Faults as they were written; none where the text is not ours. */
function faultsOf(json: string | undefined): Fault[] | undefined {
  if (json === undefined) return undefined;
  try {
    return z.array(faultSchema).parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** The board behind a row of all BOARD_NUMBERS; undefined for a row that is none. */
export function boardOf(columns: Columns, row: Row): Board | undefined {
  const slot = number(row[columns.at("slot")] ?? row[columns.at("last")]);
  if (slot === undefined) return undefined;
  const board: Board = { slot };
  for (const name of BOARD_NUMBERS) {
    const held = number(row[columns.at(name)]);
    if (held !== undefined) board[name] = held;
  }
  return board;
}
