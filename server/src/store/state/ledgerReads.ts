import type { DuckDBValue } from "@duckdb/node-api";
import { LEDGER_FACTORS, type LedgerSource } from "@hashwatt/protocol/ledger";
import type { BucketRates } from "../../economics/bucketRates.js";
import { BUCKET_MS } from "../../rollup/row.js";
import { literal, literals, type Session } from "../duck/session.js";
import {
  FACTOR_COLUMNS,
  type LedgerQuery,
  type LedgerStore,
  type LedgerSums,
  type RigHour,
} from "./ledger.js";
import type { SiteReads } from "./ledgerHours.js";
import { decodeHours, decodeSums, orNull } from "./ledgerRows.js";
import { sourcesOf } from "./ledgerSourceRows.js";
import type { LedgerSources } from "./ledgerSources.js";
import { READ_SUMS, siteWithin, stretchSql } from "./ledgerSql.js";
import { otherHashpricesSql, otherSourcesOf, otherSourcesSql, othersOf } from "./otherHashprices.js";
import { quoted } from "./sqlText.js";

/** Reads the ledger's tables in the state file. */
export class LedgerReads implements SiteReads {
  constructor(
    private readonly reader: Session,
    private readonly names: Pick<LedgerSources, "textOf">,
  ) {}

  async rates(site: string, fromMs: number, toMs: number): Promise<(BucketRates & { rigs: number })[]> {
    const columns = await this.reader.columns(
      `SELECT start_ms::DOUBLE AS start_ms, rigs, ${Object.values(FACTOR_COLUMNS)
        .map((name) => `${name}, ${name}_source, ${name}_as_of_ms::DOUBLE AS ${name}_as_of_ms`)
        .join(", ")} FROM ledger_rates_5m WHERE ${siteWithin(site, fromMs, toMs)} ORDER BY start_ms`,
    );
    const others = othersOf(
      await this.reader.rows(otherHashpricesSql(siteWithin(site, fromMs, toMs))),
      (id) => this.names.textOf(id),
    );
    return (columns.start_ms ?? []).map((start, i) => {
      const startMs = Number(start);
      const earned = others.get(startMs);
      const bucket: BucketRates & { rigs: number } = {
        startMs,
        rigs: Number(columns.rigs![i]),
        ...(earned && { others: earned }),
      };
      for (const kind of LEDGER_FACTORS) {
        const name = FACTOR_COLUMNS[kind];
        const value = columns[name]![i];
        if (typeof value !== "number") continue;
        const asOf = columns[`${name}_as_of_ms`]![i];
        bucket[kind] = {
          value,
          source: this.names.textOf(columns[`${name}_source`]![i]),
          asOfMs: typeof asOf === "number" ? asOf : null,
        };
      }
      return bucket;
    });
  }

  async spans({
    site,
    edges,
    toMs,
  }: Pick<LedgerQuery, "site" | "edges" | "toMs">): Promise<Map<number, number>> {
    const [fromMs] = edges;
    if (fromMs === undefined) return new Map();
    const { start, join } = stretchSql(edges, toMs);
    const columns = await this.reader.columns(
      `SELECT (${start})::DOUBLE AS start, sum(rigs)::DOUBLE AS rigs FROM ledger_rates_5m l ${join}
       WHERE ${siteWithin(site, fromMs, toMs)} GROUP BY 1`,
    );
    return new Map(
      (columns.start ?? []).map((start, i) => [Number(start), Number(columns.rigs![i]) * BUCKET_MS]),
    );
  }

  async sums({ site, rigs, edges, toMs }: LedgerQuery): Promise<LedgerSums[]> {
    const [fromMs] = edges;
    if (fromMs === undefined || rigs?.length === 0) return [];
    const { start, join } = stretchSql(edges, toMs);
    const of = rigs ? `AND rig IN (${literals(rigs)})` : "";
    const columns = await this.reader.columns(
      `SELECT (${start})::DOUBLE AS start, algo, ${READ_SUMS} FROM ${rigs ? "ledger_1h" : "ledger_site_5m"} l ${join}
       WHERE ${siteWithin(site, fromMs, toMs)} ${of} GROUP BY 1, 2`,
    );
    return decodeSums(columns);
  }

  async hours({
    site,
    fromMs,
    toMs,
    rigFrom,
    rigTo,
  }: Parameters<LedgerStore["hours"]>[0]): Promise<RigHour[]> {
    const columns = await this.reader.columns(
      `SELECT start_ms::DOUBLE AS start, rig, algo, ${READ_SUMS} FROM ledger_1h
       WHERE ${siteWithin(site, fromMs, toMs)} AND rig >= ${literal(Math.max(1, rigFrom))} AND rig < ${literal(rigTo)} GROUP BY ALL`,
    );
    return decodeHours(columns);
  }

  async rigHours({ site, rigs, edges, toMs }: LedgerQuery & { rigs: readonly number[] }) {
    const [fromMs] = edges;
    if (fromMs === undefined || !rigs.length) return new Map<number, number>();
    const { start, join } = stretchSql(edges, toMs);
    const columns = await this.reader.columns(
      `SELECT start, count(*)::DOUBLE AS hours FROM (
         SELECT DISTINCT (${start})::DOUBLE AS start, l.start_ms, rig FROM ledger_1h l ${join}
         WHERE ${siteWithin(site, fromMs, toMs)} AND rig IN (${literals(rigs)})) GROUP BY start`,
    );
    return new Map((columns.start ?? []).map((start, i) => [Number(start), Number(columns.hours![i])]));
  }

  /** Of each part of the range, `partMs` long, by its order. */
  async sources(
    site: string,
    fromMs: number,
    toMs: number,
    partMs: number,
  ): Promise<Omit<LedgerSource, "unit">[][]> {
    const names = LEDGER_FACTORS.map((kind) => FACTOR_COLUMNS[kind]);
    const ends = names.map(
      (name) =>
        `min(${name}) AS ${name}_low, max(${name}) AS ${name}_high, min(${name}_as_of_ms)::DOUBLE AS ${name}_oldest,
         max(${name}_as_of_ms)::DOUBLE AS ${name}_newest`,
    );
    const keys = names.map((name) => `${name}_source`).join(", ");
    const part = `((start_ms - ${literal(fromMs)}) // ${literal(partMs)})::INTEGER`;
    // Few sources go together: one pass, and what each factor makes of it is put together here. What is unknown is apart, so that
    // the ends of a group are those of each of its factors.
    const [rows, others] = await Promise.all([
      this.reader.rows(
        `SELECT ${part} AS part, ${keys}, min(start_ms)::DOUBLE AS first, max(start_ms)::DOUBLE AS last, ${ends.join(", ")}
         FROM ledger_rates_5m WHERE ${siteWithin(site, fromMs, toMs)}
         GROUP BY part, ${keys}, ${names.map((name) => `${name} IS NULL`).join(", ")}`,
      ),
      this.reader.rows(otherSourcesSql(part, siteWithin(site, fromMs, toMs))),
    ]);
    const textOf = (id: DuckDBValue | undefined) => this.names.textOf(id);
    const of = (all: readonly Record<string, DuckDBValue>[], i: number) =>
      all.filter((row) => Number(row.part) === i);
    return Array.from({ length: Math.ceil((toMs - fromMs) / partMs) }, (_, i) => [
      ...sourcesOf(of(rows, i), textOf),
      ...otherSourcesOf(of(others, i), textOf),
    ]);
  }

  async span(site: string): Promise<{ fromMs: number; toMs: number } | undefined> {
    const [row] = await this.reader.rows(
      `SELECT min(start_ms)::DOUBLE AS first, max(start_ms)::DOUBLE AS last FROM ledger_rates_5m WHERE site = ${quoted(site)}`,
    );
    const [first, last] = [orNull(row?.first), orNull(row?.last)];
    return first === null || last === null ? undefined : { fromMs: first, toMs: last + BUCKET_MS };
  }
}
