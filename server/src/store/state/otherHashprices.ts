import type { DuckDBValue } from "@duckdb/node-api";
import type { LedgerSource } from "@hashwatt/protocol/ledger";
import type { BucketFactor, BucketRates } from "../../economics/bucketRates.js";
import { algoOfSeries, kindOfOther } from "../../rates/hashprice/revenueSeries.js";
import { BUCKET_MS } from "../../rollup/row.js";
import { literal } from "../duck/session.js";
import { orNull } from "./ledgerRows.js";
import { double } from "./ledgerSql.js";
import { quoted } from "./sqlText.js";

type Rows = readonly Record<string, DuckDBValue>[];
type TextOf = (id: DuckDBValue | undefined) => string;

/** Rows in one INSERT. */
const ROWS = 500;

/** Statements that write the hashprices of other algorithms that a site was priced with, and what their own pools left. */
export function* otherHashpriceInserts(
  site: string,
  buckets: readonly BucketRates[],
  idOf: (source: string) => number | undefined,
): Generator<string> {
  const rows = buckets.flatMap(({ startMs, others = {} }) =>
    Object.entries(others).map(([series, { value, source, asOfMs }]) => {
      const asOf = asOfMs === null ? "NULL" : literal(Math.round(asOfMs));
      return `(${literal(startMs)}, ${quoted(site)}, ${quoted(series)}, ${double(value)}, ${idOf(source) ?? "NULL"}, ${asOf})`;
    }),
  );
  for (let first = 0; first < rows.length; first += ROWS)
    yield `INSERT INTO ledger_hashprices_5m VALUES ${rows.slice(first, first + ROWS).join(",")}`;
}

/** The query of what buckets were priced with. */
export const otherHashpricesSql = (where: string): string =>
  `SELECT start_ms::DOUBLE AS start_ms, series, hashprice, source, as_of_ms::DOUBLE AS as_of_ms
   FROM ledger_hashprices_5m WHERE ${where} ORDER BY start_ms, series`;

/** Its rows by the start of their bucket. */
export function othersOf(rows: Rows, textOf: TextOf): Map<number, Record<string, BucketFactor>> {
  const byStart = new Map<number, Record<string, BucketFactor>>();
  for (const { start_ms, series, hashprice, source, as_of_ms } of rows) {
    const others = byStart.get(Number(start_ms)) ?? {};
    byStart.set(Number(start_ms), others);
    others[String(series)] = {
      value: Number(hashprice),
      source: textOf(source),
      asOfMs: orNull(as_of_ms),
    };
  }
  return byStart;
}

/** The query of where they are from, by part of their time. */
export const otherSourcesSql = (part: string, where: string): string =>
  `SELECT ${part} AS part, series, source, min(start_ms)::DOUBLE AS first, max(start_ms)::DOUBLE AS last, min(hashprice) AS low, max(hashprice) AS high,
     min(as_of_ms)::DOUBLE AS oldest, max(as_of_ms)::DOUBLE AS newest
   FROM ledger_hashprices_5m WHERE ${where} GROUP BY part, series, source ORDER BY series, first`;

/** Its rows as sources, by algorithm. */
export const otherSourcesOf = (rows: Rows, textOf: TextOf): Omit<LedgerSource, "unit">[] =>
  rows.map(({ series, source, first, last, low, high, oldest, newest }) => ({
    kind: kindOfOther(String(series)),
    algo: algoOfSeries(String(series)),
    source: textOf(source),
    fromMs: Number(first),
    toMs: Number(last) + BUCKET_MS,
    oldestAsOfMs: orNull(oldest),
    newestAsOfMs: orNull(newest),
    min: Number(low),
    max: Number(high),
  }));
