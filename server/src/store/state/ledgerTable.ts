import type { DuckDBConnection } from "@duckdb/node-api";
import { LEDGER_FACTORS, type LedgerSource } from "@hashwatt/protocol/ledger";
import type { BucketRates } from "../../economics/bucketRates.js";
import { copyRows, type RowFileControl } from "../duck/copyRows.js";
import type { DuckFile } from "../duck/file.js";
import { literal, type Session } from "../duck/session.js";
import { DevFeeTable, devFeesWithin } from "./devFeeTable.js";
import type {
  Arrival,
  LedgerQuery,
  LedgerStore,
  LedgerSums,
  PricingOrder,
  RigHour,
  Stay,
  Work,
  WorkQuery,
} from "./ledger.js";
import { LedgerBooking, placesOfAlgos } from "./ledgerBooking.js";
import { exportSql, type LedgerExport } from "./ledgerExport.js";
import { LedgerHours } from "./ledgerHours.js";
import { LedgerReads } from "./ledgerReads.js";
import { workOf } from "./ledgerRows.js";
import { LedgerSources } from "./ledgerSources.js";
import { double, siteWithin, workSql } from "./ledgerSql.js";
import { otherHashpriceInserts } from "./otherHashprices.js";
import { quoted } from "./sqlText.js";

/** Rows in one INSERT. */
const ROWS = 500;
/** Instants beyond which nothing lies: infinity is no BIGINT. */
const ENDS = 8.64e15;

const bounded = (ms: number): string => literal(Math.max(-ENDS, Math.min(ENDS, ms)));

/** The ledger in the state file. It prices on a connection of its own, so that nobody else's commands wait for it. */
export class LedgerTable implements LedgerStore {
  readonly devFees: DevFeeTable;
  readonly #sources = new LedgerSources();
  readonly #reads: LedgerReads;
  readonly #hours: LedgerHours;
  /** The stays in the temporary table, and the connection that has it. */
  #held:
    | { connection: DuckDBConnection; stays: readonly Stay[]; places: ReadonlyMap<string, number> }
    | undefined;

  readonly #booking = new LedgerBooking();

  private constructor(
    private readonly pricer: Session,
    private readonly reader: Session,
    private readonly sessions: Pick<DuckFile, "session" | "release">,
  ) {
    this.#reads = new LedgerReads(reader, this.#sources);
    this.#hours = new LedgerHours(this.#reads);
    this.devFees = new DevFeeTable(pricer, reader);
  }

  static async open(sessions: Pick<DuckFile, "session" | "release">, reader: Session): Promise<LedgerTable> {
    const table = new LedgerTable(await sessions.session(), reader, sessions);
    table.#sources.load(await reader.rows("SELECT id, text FROM ledger_sources"));
    await table.devFees.load();
    return table;
  }

  async arrivals(): Promise<Arrival[]> {
    const rows = await this.reader.rows(
      "SELECT rig, site, since_ms::DOUBLE AS since_ms FROM rig_sites ORDER BY rig, since_ms",
    );
    return rows.map(({ rig, site, since_ms }) => ({
      rig: Number(rig),
      site: String(site),
      sinceMs: Number(since_ms),
    }));
  }

  async putArrivals(arrivals: readonly Arrival[]): Promise<void> {
    if (!arrivals.length) return;
    const rigs = [...new Set(arrivals.map(({ rig }) => rig))];
    await this.pricer.transaction(async (connection) => {
      await connection.run(`DELETE FROM rig_sites WHERE rig IN (${rigs.join(",")})`);
      for (let first = 0; first < arrivals.length; first += ROWS) {
        const part = arrivals.slice(first, first + ROWS);
        const values = part.map(({ rig, site, sinceMs }) => `(${rig}, ${quoted(site)}, ${bounded(sinceMs)})`);
        await connection.run(`INSERT INTO rig_sites VALUES ${values.join(",")}`);
      }
    });
  }

  work({ site, fromMs, toMs, stays, rigs }: WorkQuery): Promise<Work[]> {
    return this.pricer.alone(async (connection) => {
      await this.#hold(connection, stays);
      const fees = await connection.runAndReadAll(
        `SELECT 1 FROM rig_dev_fees WHERE ${devFeesWithin(fromMs, toMs)} LIMIT 1`,
      );
      const hasDevFees = fees.currentRowCount > 0;
      const reader = await connection.runAndReadAll(workSql(site, fromMs, toMs, rigs, hasDevFees));
      return workOf(reader.getRowObjects());
    });
  }

  async price(order: PricingOrder): Promise<void> {
    const { site, fromMs, toMs, stays, buckets } = order;
    try {
      await this.pricer.transaction(async (connection) => {
        const places = await this.#hold(connection, stays);
        for (const table of ["ledger_rates_5m", "ledger_hashprices_5m"])
          await connection.run(`DELETE FROM ${table} WHERE ${siteWithin(site, fromMs, toMs)}`);
        await this.#putRates(connection, site, buckets);
        if (stays.some((stay) => stay.gone && stay.site === site))
          await connection.run(
            `UPDATE ledger_rates_5m SET rigs = ledger_rates_5m.rigs + g.n FROM (
               SELECT r.start_ms, count(*) AS n FROM rollups_5m r JOIN ledger_stays s
                 ON s.rig = r.rig AND r.start_ms >= s.from_ms AND r.start_ms < s.to_ms
               WHERE r.start_ms >= ${literal(fromMs)} AND r.start_ms < ${literal(toMs)} AND s.gone AND s.site = ${quoted(site)}
               GROUP BY r.start_ms) g
             WHERE ledger_rates_5m.start_ms = g.start_ms AND ledger_rates_5m.site = ${quoted(site)}`,
          );
        await this.#booking.book(connection, order, places);
      });
      this.#sources.committed();
    } catch (cause) {
      this.#sources.rolledBack();
      // What a transaction that failed has made is gone with it.
      this.#held = undefined;
      throw cause;
    } finally {
      this.#hours.touched(site, fromMs, toMs);
    }
  }

  async #putRates(
    connection: DuckDBConnection,
    site: string,
    buckets: readonly (BucketRates & { rigs: number })[],
  ): Promise<void> {
    for (let first = 0; first < buckets.length; first += ROWS) {
      const values = buckets.slice(first, first + ROWS).map((bucket) => {
        const factors = LEDGER_FACTORS.map((kind) => {
          const factor = bucket[kind];
          if (!factor) return "NULL, NULL, NULL";
          const asOf = factor.asOfMs === null ? "NULL" : literal(Math.round(factor.asOfMs));
          return `${double(factor.value)}, ${this.#sources.idOf(factor.source) ?? "NULL"}, ${asOf}`;
        });
        return `(${literal(bucket.startMs)}, ${quoted(site)}, ${bucket.rigs}, ${factors.join(", ")})`;
      });
      await connection.run(`INSERT INTO ledger_rates_5m VALUES ${values.join(",")}`);
    }
    for (const insert of otherHashpriceInserts(site, buckets, (text) => this.#sources.idOf(text)))
      await connection.run(insert);
    await this.#sources.write(connection);
  }

  /** Has the stays in a table to join with; they change seldom, and are the same list until they do. Gives the places of their algorithms. */
  async #hold(connection: DuckDBConnection, stays: readonly Stay[]): Promise<ReadonlyMap<string, number>> {
    if (this.#held?.connection === connection && this.#held.stays === stays) return this.#held.places;
    await connection.run(
      "CREATE OR REPLACE TEMP TABLE ledger_stays (rig INTEGER, site VARCHAR, from_ms BIGINT, to_ms BIGINT, algo VARCHAR, algo_place DOUBLE, gone BOOLEAN)",
    );
    const places = placesOfAlgos(stays);
    for (let first = 0; first < stays.length; first += ROWS) {
      const values = stays
        .slice(first, first + ROWS)
        .map(
          ({ rig, site, fromMs, toMs, algo, gone }) =>
            `(${rig}, ${quoted(site)}, ${bounded(fromMs)}, ${bounded(toMs)}, ${quoted(algo)}, ${places.get(algo)}, ${gone})`,
        );
      await connection.run(`INSERT INTO ledger_stays VALUES ${values.join(",")}`);
    }
    this.#held = { connection, stays, places };
    return places;
  }

  rates(site: string, fromMs: number, toMs: number): Promise<(BucketRates & { rigs: number })[]> {
    return this.#reads.rates(site, fromMs, toMs);
  }

  spans(query: Pick<LedgerQuery, "site" | "edges" | "toMs">): Promise<Map<number, number>> {
    return this.#hours.spans(query);
  }

  sums(query: LedgerQuery): Promise<LedgerSums[]> {
    return query.rigs ? this.#reads.sums(query) : this.#hours.sums(query);
  }

  eachSum(query: LedgerQuery): Promise<Iterable<LedgerSums>> {
    return query.rigs ? this.#reads.sums(query) : this.#hours.each(query);
  }

  hours(query: Parameters<LedgerStore["hours"]>[0]): Promise<RigHour[]> {
    return this.#reads.hours(query);
  }

  rigHours(query: LedgerQuery & { rigs: readonly number[] }): Promise<Map<number, number>> {
    return this.#reads.rigHours(query);
  }

  sources(site: string, fromMs: number, toMs: number): Promise<Omit<LedgerSource, "unit">[]> {
    return this.#hours.sources(site, fromMs, toMs);
  }

  span(site: string): Promise<{ fromMs: number; toMs: number } | undefined> {
    return this.#reads.span(site);
  }

  async export(
    order: LedgerExport,
    control: RowFileControl,
    every: (ms: number, run: () => void) => Disposable,
  ): Promise<number> {
    // A session of its own: it may take minutes, and nobody should wait for it.
    const session = await this.sessions.session();
    try {
      return await copyRows(session, exportSql(order), order, control, every);
    } finally {
      await this.sessions.release(session);
    }
  }
}
