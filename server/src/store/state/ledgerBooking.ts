import { scheduler } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type BookedSums, CELL_COLUMNS } from "../../economics/bookedSums.js";
import { valuesOf } from "../../economics/bucketRates.js";
import { HourBook } from "../../economics/hourBook.js";
import { BEFORE_DEV_FEE } from "../../rates/hashprice/revenueSeries.js";
import { HOUR_MS } from "../../rollup/row.js";
import { RowAppender } from "../duck/rowAppender.js";
import { literal, takeNumbers } from "../duck/session.js";
import type { PricingOrder, Stay } from "./ledger.js";
import { BOOKED, bucketsSql, CELL_DOUBLES, siteWithin } from "./ledgerSql.js";
import { quoted } from "./sqlText.js";

/** Rows that are sorted at once: some 6 MB. Fewer cost more time, since each part reads the same stretch. */
const ROWS_AT_ONCE = 72_000;
/** Rows that are written before others have their turn. */
const ROWS_IN_ONE_GO = 1_000;
const TABLE = "ledger_booked";

/** The places of the algorithms of stays in a list of them all. */
export function placesOfAlgos(stays: readonly Stay[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const { algo } of stays) if (!places.has(algo)) places.set(algo, places.size);
  return places;
}

/** Books what a site's rigs did, some rigs at a time: what a large fleet takes of memory is no more than that. */
export class LedgerBooking {
  // Nearly all rigs know the same of themselves.
  readonly #appender = new RowAppender(TABLE, 1 + CELL_COLUMNS.length, 1);
  readonly #row = new Float64Array(1 + CELL_COLUMNS.length);

  /** Writes hours of rigs and 5 minutes of the site, within the connection's transaction; `ledger_stays` has the stays, `places` their algorithms. */
  async book(
    connection: DuckDBConnection,
    order: PricingOrder,
    places: ReadonlyMap<string, number>,
  ): Promise<void> {
    const { site, fromMs, toMs, own, stays, buckets, rowsAtOnce = ROWS_AT_ONCE } = order;
    const hoursToMs = Math.min(order.hoursToMs, toMs);
    const rigs = stays.reduce((count, stay) => count + (stay.site === site ? 1 : 0), 0);
    const parts = Math.max(1, Math.ceil((rigs * buckets.length) / rowsAtOnce));
    const rates = new Map(buckets.map((bucket) => [bucket.startMs, valuesOf(bucket)]));
    const hours = Math.ceil((toMs - fromMs) / HOUR_MS);
    const book = new HourBook(rates, {
      hours: hoursToMs > fromMs,
      rigHours: Math.ceil((rigs / parts) * hours) + hours,
    });
    const algos = await Algos.within(connection, order, places, book);
    const hasDevFees = buckets.some(({ others = {} }) => BEFORE_DEV_FEE in others);
    await connection.run(`DELETE FROM ledger_site_5m WHERE ${siteWithin(site, fromMs, toMs)}`);
    if (hoursToMs > fromMs)
      await connection.run(`DELETE FROM ledger_1h WHERE ${siteWithin(site, fromMs, hoursToMs)}`);
    for (const { startMs, powerCoveredMs, kwh } of own)
      book.add(startMs, 0, book.algo(""), powerCoveredMs, kwh, 0, Number.NaN, Number.NaN, Number.NaN);
    for (let at = 0; at < parts; at++) {
      // All of it before the first piece is taken: an answer that is read while it is made just ends where it fails.
      const result = await connection.run(bucketsSql(site, fromMs, toMs, hasDevFees, { of: parts, at }));
      await takeNumbers(result, (columns, rows) => addAll(book, algos, columns, rows));
      if (hoursToMs > fromMs) {
        await this.#put(connection, book.hours(hoursToMs));
        await connection.run(
          `INSERT INTO ledger_1h SELECT start_ms, rig, ${stored(site, book)} ORDER BY start_ms, rig, algo`,
        );
      }
      book.clearHours();
    }
    await this.#put(connection, book.steps());
    await connection.run(
      `INSERT INTO ledger_site_5m SELECT start_ms, ${stored(site, book)} ORDER BY start_ms, algo; DROP TABLE ${TABLE}`,
    );
  }

  /** Has rows in the table that the next ones are made of. */
  async #put(connection: DuckDBConnection, all: Iterable<BookedSums>): Promise<void> {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${TABLE} (start_ms BIGINT, rig INTEGER, algo_number DOUBLE, ${CELL_DOUBLES})`,
    );
    await this.#appender.attach(connection);
    try {
      let rows = 0;
      for (const sums of all) {
        this.#row[0] = sums.algo;
        this.#row.set(sums.columns.subarray(sums.at, sums.at + CELL_COLUMNS.length), 1);
        this.#appender.add(sums.startMs, sums.rig, this.#row);
        if (++rows % ROWS_IN_ONE_GO) continue;
        this.#appender.flush();
        await scheduler.yield();
      }
      this.#appender.flush();
    } finally {
      this.#appender.clear();
    }
  }
}

/** What is stored of the rows in the table, behind their start and rig. */
const stored = (site: string, { algos }: HourBook): string =>
  `${quoted(site)} AS site, ([${algos.map(quoted).join(", ")}])[algo_number::INTEGER + 1] AS algo, ${BOOKED} FROM ${TABLE}`;

function addAll(book: HourBook, algos: Algos, columns: readonly Float64Array[], rows: number): void {
  const [start, rig, algo, place, powerMs, hashMs, kwh, thsHours, acceptedDiff, devFee] = columns as [
    ...(readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]),
    ...(readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]),
  ];
  for (let i = 0; i < rows; i++) {
    const number = algos.numberOf(algo[i]!, place[i]!);
    const [energy, work] = [kwh[i]!, thsHours[i]!];
    book.add(start[i]!, rig[i]!, number, powerMs[i]!, energy, hashMs[i]!, work, acceptedDiff[i]!, devFee[i]!);
  }
}

/** The algorithms of rows and stays as a book numbers them. */
class Algos {
  private constructor(
    private readonly byText: ReadonlyMap<number, number>,
    private readonly byPlace: readonly number[],
  ) {}

  static async within(
    connection: DuckDBConnection,
    { fromMs, toMs }: PricingOrder,
    places: ReadonlyMap<string, number>,
    book: HourBook,
  ): Promise<Algos> {
    const reader = await connection.runAndReadAll(
      `SELECT id, text FROM texts WHERE id IN (SELECT DISTINCT algo FROM rollups_5m
       WHERE start_ms >= ${literal(fromMs)} AND start_ms < ${literal(toMs)})`,
    );
    const texts = reader.getRows().map(([id, text]) => [Number(id), book.algo(String(text))] as const);
    return new Algos(
      new Map(texts),
      Array.from(places.keys(), (algo) => book.algo(algo)),
    );
  }

  /** That of the row, by its text; else that of the stay, by its place. */
  numberOf(text: number, place: number): number {
    return this.byText.get(text) ?? this.byPlace[place]!;
  }
}
