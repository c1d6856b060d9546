import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { putSlots } from "../../rates/putSlots.js";
import { spanOf } from "../../rates/rateSeries.js";
import type {
  RateSeriesStore,
  SeriesChange,
  SeriesColumns,
  SeriesSlots,
} from "../../rates/rateSeriesStore.js";
import type { Slot, TimeRange } from "../../rates/slot.js";
import { literal, type Session } from "../duck/session.js";
import { quoted } from "./sqlText.js";

/** Rows in one INSERT. */
const ROWS = 500;

const text = (value: string | undefined): string => (value === undefined ? "NULL" : quoted(value));
const number = (value: number | null): string =>
  value === null || !Number.isFinite(value) ? "NULL" : literal(value);

/** Series of rates in the state file; an end of NULL is open. */
export class RateSeriesTable implements RateSeriesStore {
  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  async put(series: string, slots: readonly Slot[]): Promise<TimeRange | undefined> {
    const [change] = await this.putAll([{ series, slots }]);
    return change?.range;
  }

  async putAll(parts: readonly SeriesSlots[]): Promise<SeriesChange[]> {
    const own = parts.filter(({ slots }) => slots.length);
    if (!own.length) return [];
    return this.writer.transaction(async (connection) => {
      const changes: SeriesChange[] = [];
      for (const { series, slots } of own) {
        const range = await replace(connection, series, slots);
        if (range) changes.push({ series, range });
      }
      return changes;
    });
  }

  async load(): Promise<SeriesColumns[]> {
    const counts = await this.reader.rows(
      "SELECT series, count(*)::INTEGER AS n FROM rate_series GROUP BY series ORDER BY series",
    );
    const all: SeriesColumns[] = [];
    for (const { series, n } of counts) all.push(await this.#columns(String(series), Number(n)));
    return all;
  }

  async #columns(series: string, length: number): Promise<SeriesColumns> {
    const of = `WHERE series = ${quoted(series)}`;
    // What a slot says of its source is kept once: its place in the list comes with the row.
    const texts = await this.reader.rows(
      `SELECT source, note FROM rate_series ${of} GROUP BY source, note ORDER BY source, note NULLS FIRST`,
    );
    const columns: SeriesColumns = {
      series,
      startMs: new Float64Array(length),
      endMs: new Float64Array(length),
      value: new Float64Array(length),
      asOfMs: new Float64Array(length),
      text: new Uint32Array(length),
      texts: texts.map(({ source, note }) => ({
        source: String(source),
        ...(note !== null && { note: String(note) }),
      })),
    };
    let at = 0;
    await this.reader.numbers(
      `SELECT start_ms::DOUBLE, coalesce(end_ms::DOUBLE, 'infinity'::DOUBLE), value, as_of_ms::DOUBLE,
         (dense_rank() OVER (ORDER BY source, note NULLS FIRST) - 1)::DOUBLE
       FROM rate_series ${of} ORDER BY start_ms`,
      ([start, end, value, asOf, place], rows) => {
        columns.startMs.set(start!.subarray(0, rows), at);
        columns.endMs.set(end!.subarray(0, rows), at);
        columns.value.set(value!.subarray(0, rows), at);
        columns.asOfMs.set(asOf!.subarray(0, rows), at);
        columns.text.set(place!.subarray(0, rows), at);
        at += rows;
      },
    );
    return columns;
  }
}

async function replace(
  connection: DuckDBConnection,
  series: string,
  slots: readonly Slot[],
): Promise<TimeRange | undefined> {
  const { fromMs, toMs } = spanOf(slots);
  const touching = `series = ${quoted(series)} AND (end_ms IS NULL OR end_ms >= ${literal(fromMs)})${
    Number.isFinite(toMs) ? ` AND start_ms <= ${literal(toMs)}` : ""
  }`;
  const held = await connection.runAndReadAll(
    `SELECT start_ms, end_ms, value, source, note, as_of_ms FROM rate_series WHERE ${touching} ORDER BY start_ms`,
  );
  const result = putSlots(held.getRowObjects().map(slotOf), slots);
  await connection.run(`DELETE FROM rate_series WHERE ${touching}`);
  for (let first = 0; first < result.slots.length; first += ROWS) {
    const values = result.slots
      .slice(first, first + ROWS)
      .map(
        ({ startMs, endMs, value, source, note, asOfMs }) =>
          `(${quoted(series)}, ${literal(startMs)}, ${number(endMs)}, ${literal(value)}, ${quoted(source)}, ${text(note)}, ${number(asOfMs)})`,
      );
    await connection.run(
      `INSERT INTO rate_series (series, start_ms, end_ms, value, source, note, as_of_ms) VALUES ${values.join(",")}`,
    );
  }
  return result.changed;
}

const slotOf = (row: Record<string, DuckDBValue>): Slot => ({
  startMs: Number(row.start_ms),
  endMs: row.end_ms === null ? Number.POSITIVE_INFINITY : Number(row.end_ms),
  value: Number(row.value),
  source: String(row.source),
  ...(row.note !== null && { note: String(row.note) }),
  asOfMs: row.as_of_ms === null ? null : Number(row.as_of_ms),
});
