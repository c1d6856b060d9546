import { beginning, writtenOut } from "@hashwatt/protocol/plainText";
import { nearestName } from "../../config/nearestName.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import { SERIES_SHAPES, seriesFamily, valueProblem } from "../seriesName.js";
import type { Slot } from "../slot.js";
import { csvCells } from "./csvCells.js";

/** Columns of a file of rates. */
export const RATE_COLUMNS = ["series", "start", "end", "value", "source", "note"] as const;
type Column = (typeof RATE_COLUMNS)[number];

/** A year of quarter hours is 35,040 rows. */
const MAX_ROWS = 200_000;
const MAX_TEXT = 300;
/** Of what a file says so much is said back. */
const MAX_QUOTED = 40;

/** What is wrong with a row. */
export interface RateCsvProblem {
  line: number;
  message: string;
}

/** A file of rates, read: its slots by series, or everything that is wrong with it. */
export type RateCsv = { parts: SeriesSlots[]; rows: number } | { problems: RateCsvProblem[] };

/** What holds for rows that do not say it themselves. */
export interface RateCsvDefaults {
  /** Where the file has no column `series`. */
  series?: string | undefined;
  source: string;
}

interface Row {
  line: number;
  slot: Slot;
}

const quoted = (text: string): string => `"${writtenOut(beginning(text, MAX_QUOTED))}"`;

/** Epoch ms of an instant with an offset, or of whole ms or s since 1970; undefined for anything else: a local time has no instant. */
function instantOf(text: string): number | undefined {
  if (/^\d{9,14}$/.test(text)) return Number(text) < 1e11 ? Number(text) * 1_000 : Number(text);
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text))
    return undefined;
  const ms = Date.parse(text.replace(" ", "T"));
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Reads rates as CSV: a line of column names, then a row for each slot, separated by comma, semicolon or tab. `start` and `value` are
 * needed; a row without `end` lasts until the next of its series, and the last one holds until something newer is known where the
 * series is of that kind. Two rows of a series may not hold at one moment. Everything that is wrong is told; then nothing is taken.
 */
export function readRateCsv(text: string, defaults: RateCsvDefaults): RateCsv {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const head = lines[0] ?? "";
  const separator = ["\t", ";", ","].find((each) => head.includes(each)) ?? ",";
  const columns = csvCells(head, separator)?.map((cell) => cell.toLowerCase()) ?? [];
  const wrong = headProblem(columns, defaults);
  if (wrong !== undefined) return { problems: [{ line: 1, message: wrong }] };
  const problems: RateCsvProblem[] = [];
  const bySeries = new Map<string, Row[]>();
  let rows = 0;
  for (const [i, each] of lines.entries()) {
    if (i === 0 || each.trim() === "") continue;
    if (++rows > MAX_ROWS)
      return { problems: [{ line: i + 1, message: `more than ${MAX_ROWS} rows; import it in parts` }] };
    const row = rowOf(csvCells(each, separator), columns, defaults);
    if (typeof row === "string") {
      problems.push({ line: i + 1, message: row });
      continue;
    }
    const held = bySeries.get(row.series);
    if (held) held.push({ line: i + 1, slot: row.slot });
    else bySeries.set(row.series, [{ line: i + 1, slot: row.slot }]);
  }
  if (rows === 0) problems.push({ line: 1, message: "there are no rows" });
  const parts = [...bySeries].map(([series, held]) => ({ series, slots: joinedUp(series, held, problems) }));
  if (problems.length) return { problems: problems.sort((a, b) => a.line - b.line) };
  return { parts, rows };
}

function headProblem(columns: readonly string[], { series }: RateCsvDefaults): string | undefined {
  const known: readonly string[] = RATE_COLUMNS;
  for (const [i, column] of columns.entries()) {
    if (columns.indexOf(column) < i) return `column ${quoted(column)} stands there twice`;
    if (known.includes(column)) continue;
    const near = nearestName(column.slice(0, MAX_QUOTED), known);
    return `${quoted(column)} is no column; ${near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`}`;
  }
  for (const needed of ["start", "value"])
    if (!columns.includes(needed)) return `a column "${needed}" is missing`;
  if (columns.includes("series") || series !== undefined) return undefined;
  return 'a column "series" is missing, and no series is named for the whole file';
}

/** What a row says, or what is wrong with it. */
function rowOf(
  cells: readonly string[] | undefined,
  columns: readonly string[],
  defaults: RateCsvDefaults,
): { series: string; slot: Slot } | string {
  if (!cells) return "a quote in it has no end";
  if (cells.length > columns.length)
    return `${cells.length} cells, but line 1 names ${columns.length} columns`;
  const cell = (column: Column): string | undefined => cells[columns.indexOf(column)] || undefined;
  const series = cell("series") ?? defaults.series;
  if (series === undefined) return "names no series";
  if (!seriesFamily(series)) return `${quoted(series)} is no series; there are ${SERIES_SHAPES}`;
  const [start, end, told] = [cell("start"), cell("end"), cell("value")];
  const startMs = start === undefined ? undefined : instantOf(start);
  if (startMs === undefined)
    return `start ${quoted(start ?? "")} is no instant such as 2026-08-01T00:00+08:00 or 2026-08-01T00:00Z`;
  const endMs = end === undefined ? Number.NaN : instantOf(end);
  if (endMs === undefined) return `end ${quoted(end!)} is no instant such as 2026-08-01T01:00+08:00`;
  if (endMs <= startMs) return `end ${quoted(end!)} does not come after start ${quoted(start!)}`;
  if (told === undefined) return "has no value; leave out the row of what is not known";
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(told))
    return `value ${quoted(told)} is no number such as 0.0612`;
  const value = Number(told);
  const problem = valueProblem(series, value);
  if (problem !== undefined) return `value of ${series}: ${problem}`;
  const note = cell("note")?.slice(0, MAX_TEXT);
  const source = (cell("source") ?? defaults.source).slice(0, MAX_TEXT);
  return {
    series,
    slot: { startMs, endMs, value, source, ...(note !== undefined && { note }), asOfMs: startMs },
  };
}

/** Slots of a series in order, each with its end; overlaps and missing ends go to `problems`. */
function joinedUp(series: string, rows: readonly Row[], problems: RateCsvProblem[]): Slot[] {
  const sorted = [...rows].sort((a, b) => a.slot.startMs - b.slot.startMs || a.line - b.line);
  return sorted.map(({ line, slot }, i) => {
    const next = sorted[i + 1];
    if (next && next.slot.startMs === slot.startMs)
      problems.push({
        line: next.line,
        message: `${series} has a row that starts then already, in line ${line}`,
      });
    else if (next && slot.endMs > next.slot.startMs)
      problems.push({ line: next.line, message: `${series}: it begins before the row of line ${line} ends` });
    if (!Number.isNaN(slot.endMs)) return slot;
    if (next) return { ...slot, endMs: next.slot.startMs };
    if (seriesFamily(series)?.holds) return { ...slot, endMs: Number.POSITIVE_INFINITY };
    problems.push({ line, message: `the last row of ${series} needs an end` });
    return slot;
  });
}
