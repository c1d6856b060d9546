import type { DuckDBValue } from "@duckdb/node-api";
import type { AlertView } from "@hashwatt/protocol/http";
import { ServerError } from "../../error.js";
import type { RollupRow, SiteRollupRow } from "../../rollup/row.js";
import { duckError } from "../duck/error.js";
import { DuckFile } from "../duck/file.js";
import { PRECIOUS, STATE_MIGRATIONS } from "../duck/migrations.js";
import type { Session } from "../duck/session.js";
import { Texts } from "../duck/texts.js";
import type { StreamMark } from "../store.js";
import { AirTable } from "./airTable.js";
import { AlertCareTable } from "./alertCareTable.js";
import { AlertTable } from "./alertTable.js";
import { AuditTable } from "./auditTable.js";
import { DocumentTable } from "./documentTable.js";
import { EventTable } from "./eventTable.js";
import { exportState } from "./export.js";
import { keepKeysApart } from "./keysApart.js";
import { LedgerTable } from "./ledgerTable.js";
import { NotificationTable } from "./notificationTable.js";
import { RateSeriesTable } from "./rateSeriesTable.js";
import { readRigs, writeRigs } from "./rigTable.js";
import { RollupTables } from "./rollupTables.js";
import { readSiteColumns } from "./siteColumns.js";
import {
  dropSite,
  ofFx,
  ofSite,
  ofTariff,
  type Replacement,
  readFx,
  readSites,
  readTariffs,
  replaceRows,
} from "./siteTables.js";
import { quoted } from "./sqlText.js";
import type {
  EventRecord,
  FxRecord,
  MeanTemps,
  QueuedNotification,
  RigRecord,
  RollupRange,
  SiteColumns,
  SiteColumnsQuery,
  SiteRecord,
  StateStore,
  TariffRecord,
  TouchedBucket,
  Uptime,
} from "./state.js";
import { StreamTable } from "./streamTable.js";

const text = (value: DuckDBValue | undefined): string => String(value);

/** The state file `hashwatt.duckdb`. Every call is one transaction, committed to disk when it resolves. */
export class DuckStateStore implements StateStore {
  readonly #texts = new Texts();
  audit!: AuditTable;
  air!: AirTable;
  rateSeries!: RateSeriesTable;
  documents!: DocumentTable;
  ledger!: LedgerTable;
  alertCare!: AlertCareTable;
  #rollups!: RollupTables;
  #streams!: StreamTable;
  #alerts!: AlertTable;
  #events!: EventTable;
  #notifications!: NotificationTable;
  #closed = false;

  private constructor(
    private readonly file: DuckFile,
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  /**
   * Opens the file. A damaged log is cut and reported; a file that cannot be read is left as it is and throws
   * `storeDamaged`, for nothing else holds what is in it. Throws ServerError.
   */
  static async open(options: {
    path: string;
    nowMs: () => number;
    report?: (text: string) => void;
  }): Promise<{ store: DuckStateStore; reports: string[] }> {
    const { file, reports } = await DuckFile.open({
      ...options,
      migrations: STATE_MIGRATIONS,
      memoryLimit: "96MB",
      restLimit: "48MB",
      checkpointAt: "2MB",
      threads: 1,
      mergesWhenAsked: true,
      damaged: "throw",
    });
    try {
      const store = new DuckStateStore(file, await file.session("light"), await file.session());
      await store.#load();
      // What was cut from its log may have been rigs, and samples may rest on them.
      if (reports.length) await store.writer.transaction(keepKeysApart);
      return { store, reports };
    } catch (cause) {
      await file.close();
      throw cause;
    }
  }

  async #load(): Promise<void> {
    this.#rollups = new RollupTables(this.writer, this.reader, this.#texts);
    try {
      await this.file.whenOpen(async () => {
        const { connection } = this.writer;
        await this.#texts.load(connection);
        await this.#rollups.open(connection);
      });
    } catch (cause) {
      throw duckError(cause, this.file.path);
    }
    this.#streams = new StreamTable(this.writer, this.reader);
    await this.#streams.open();
    this.audit = await AuditTable.open(this.writer, this.reader);
    this.air = new AirTable(this.writer, this.reader);
    this.rateSeries = new RateSeriesTable(this.writer, this.reader);
    this.documents = new DocumentTable(this.writer, this.reader);
    this.ledger = await LedgerTable.open(this.file, this.reader);
    this.#notifications = new NotificationTable(this.writer, this.reader);
    this.#alerts = new AlertTable(this.writer, this.reader);
    this.alertCare = new AlertCareTable(this.writer, this.reader);
    // A block that is damaged there shows now, not in the night.
    for (const table of PRECIOUS)
      await this.reader.rows(`SELECT count(*), count(DISTINCT hash(COLUMNS(*))) FROM ${table}`);
    this.#events = await EventTable.open(this.writer, this.reader);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new ServerError("storeClosed", `${this.file.path} is closed`);
  }

  async #replace(replacement: Replacement): Promise<void> {
    this.#refuseIfClosed();
    await this.writer.transaction((connection) => replaceRows(connection, replacement));
  }

  rigs(): Promise<RigRecord[]> {
    return readRigs(this.reader);
  }

  async putRigs(rigs: readonly RigRecord[]): Promise<void> {
    this.#refuseIfClosed();
    await writeRigs(this.writer, rigs);
  }

  sites(): Promise<SiteRecord[]> {
    return readSites(this.reader);
  }

  putSite(site: SiteRecord): Promise<void> {
    return this.#replace(ofSite(site));
  }

  async dropSite(site: string): Promise<void> {
    this.#refuseIfClosed();
    await dropSite(this.writer, site);
  }

  tariffs(): Promise<TariffRecord[]> {
    return readTariffs(this.reader);
  }

  putTariff(tariff: TariffRecord): Promise<void> {
    return this.#replace(ofTariff(tariff));
  }

  fx(): Promise<FxRecord[]> {
    return readFx(this.reader);
  }

  putFx(fx: FxRecord): Promise<void> {
    return this.#replace(ofFx(fx));
  }

  async putRollups(rows: readonly RollupRow[], sites: readonly SiteRollupRow[]): Promise<void> {
    this.#refuseIfClosed();
    await this.#rollups.put(rows, sites);
  }

  settle(merge?: boolean): Promise<void> {
    return this.file.settle(this.writer, merge);
  }

  calm(): Promise<void> {
    return this.file.calm(this.writer);
  }

  rollups(range: RollupRange & { rigs?: readonly number[] }): Promise<RollupRow[]> {
    return this.#rollups.rollups(range);
  }

  siteRollups(range: RollupRange & { site: string; algo?: string }): Promise<SiteRollupRow[]> {
    return this.#rollups.siteRollups(range);
  }

  uptimes(...asked: Parameters<StateStore["uptimes"]>): Promise<Map<number, Uptime>> {
    return this.#rollups.uptimes(...asked);
  }

  meanTemps(...asked: Parameters<StateStore["meanTemps"]>): Promise<MeanTemps[]> {
    return this.#rollups.meanTemps(...asked);
  }

  siteColumns(query: SiteColumnsQuery): Promise<SiteColumns> {
    return readSiteColumns(this.reader, query);
  }

  newestRollup(stepMs: number): Promise<number | undefined> {
    return this.#rollups.end(stepMs, "max");
  }

  oldestRollup(stepMs: number): Promise<number | undefined> {
    return this.#rollups.end(stepMs, "min");
  }

  dropRollups(stepMs: number, beforeMs: number): Promise<number> {
    return this.#rollups.drop(stepMs, beforeMs);
  }

  async putAlerts(alerts: readonly AlertView[]): Promise<void> {
    if (alerts.length === 0) return;
    this.#refuseIfClosed();
    await this.#alerts.put(alerts);
  }

  alerts(sinceMs: number): Promise<AlertView[]> {
    return this.#alerts.since(sinceMs);
  }

  putNotification(notification: QueuedNotification): Promise<void> {
    this.#refuseIfClosed();
    return this.#notifications.put(notification);
  }

  notifications(): Promise<QueuedNotification[]> {
    return this.#notifications.all();
  }

  dropNotification(id: string): Promise<void> {
    return this.#replace({ table: "notifications", condition: `id = ${quoted(id)}`, rows: [] });
  }

  async addEvent(event: EventRecord): Promise<void> {
    this.#refuseIfClosed();
    await this.#events.add(event);
  }

  events(sinceMs: number, limit: number, rigs?: readonly number[]): Promise<EventRecord[]> {
    return this.#events.since(sinceMs, limit, rigs);
  }

  async trimHistory(beforeMs: number): Promise<void> {
    await this.#alerts.drop(beforeMs);
    await this.#events.trim();
  }

  async setting(key: string): Promise<string | undefined> {
    const [row] = await this.reader.rows(`SELECT value FROM settings WHERE key = ${quoted(key)}`);
    return row && text(row.value);
  }

  putSetting(key: string, value: string): Promise<void> {
    return this.#replace({ table: "settings", condition: `key = ${quoted(key)}`, rows: [[key, value]] });
  }

  streamMarks(): Promise<StreamMark[]> {
    return this.#streams.marks();
  }

  async putStreamMarks(marks: readonly StreamMark[], buckets: readonly TouchedBucket[]): Promise<void> {
    this.#refuseIfClosed();
    await this.#streams.put(marks, buckets);
  }

  dropStreamMarks(beforeMs: number): Promise<void> {
    return this.#streams.drop(beforeMs);
  }

  async bucketsTouched(receivedMs: number): Promise<number[]> {
    return this.#streams.bucketsSince(receivedMs);
  }

  exportTo(folder: string, snapshot?: () => void): Promise<string> {
    return this.file.once("modest", (session) => exportState(session, folder, snapshot));
  }

  async bytes(): Promise<number> {
    return this.file.bytes();
  }

  async usedBytes(): Promise<number> {
    return this.file.usedBytes(this.writer);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.file.close();
  }
}
