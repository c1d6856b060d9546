import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AlertView } from "@hashwatt/protocol/http";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "../../rollup/row.js";
import type { StreamMark } from "../store.js";
import { MemoryAir } from "./memoryAir.js";
import { MemoryAlertCare } from "./memoryAlertCare.js";
import { MemoryAudit } from "./memoryAudit.js";
import { MemoryDocuments } from "./memoryDocuments.js";
import { MemoryLedger } from "./memoryLedger.js";
import { MemoryRateSeries } from "./memoryRateSeries.js";
import { addUptimes, meanTempsOf } from "./memorySums.js";
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

/** Events kept; the oldest make room. */
const MAX_EVENTS = 10_000;

const SPREADS = ["hashrateThs", "powerW", "inletTempC", "boardTempC", "chipTempC", "fanRpm"] as const;

function copyOfRow(row: RollupRow): RollupRow {
  const copy: RollupRow = { ...row, kwhBySource: row.kwhBySource.slice() };
  for (const name of SPREADS) {
    const spread = row[name];
    if (spread !== undefined) copy[name] = { min: spread.min, mean: spread.mean, max: spread.max };
  }
  return copy;
}

const copyOfSiteRow = (row: SiteRollupRow): SiteRollupRow => ({
  ...row,
  kwhBySource: row.kwhBySource.slice(),
});

/**
 * A state store that forgets with its process: for tests, and the yardstick for the one on disk. Hands out and keeps
 * copies, as a database does.
 */
export class MemoryStateStore implements StateStore {
  readonly audit = new MemoryAudit();
  readonly air = new MemoryAir();
  readonly rateSeries = new MemoryRateSeries();
  readonly documents = new MemoryDocuments(this);
  readonly ledger = new MemoryLedger((fromMs, toMs) =>
    [...this.#rollups.values()].filter((row) => within(row, { fromMs, toMs, stepMs: BUCKET_MS })),
  );
  readonly #rigs = new Map<number, RigRecord>();
  readonly #sites = new Map<string, SiteRecord>();
  readonly #tariffs = new Map<string, TariffRecord>();
  readonly #fx = new Map<string, FxRecord>();
  readonly #rollups = new Map<string, RollupRow>();
  readonly #siteRollups = new Map<string, SiteRollupRow>();
  readonly #alerts = new Map<string, AlertView>();
  readonly #notifications = new Map<string, QueuedNotification>();
  readonly alertCare = new MemoryAlertCare(this.#notifications);
  readonly #events: EventRecord[] = [];
  readonly #marks = new Map<string, StreamMark>();
  readonly #touched = new Map<number, number>();
  readonly #settings = new Map<string, string>();

  async rigs(): Promise<RigRecord[]> {
    return [...this.#rigs.values()].sort((a, b) => a.rig - b.rig).map((rig) => structuredClone(rig));
  }

  async putRigs(rigs: readonly RigRecord[]): Promise<void> {
    for (const rig of rigs) this.#rigs.set(rig.rig, structuredClone(rig));
  }

  async sites(): Promise<SiteRecord[]> {
    return [...this.#sites.values()].sort((a, b) => (a.site < b.site ? -1 : 1)).map((site) => ({ ...site }));
  }

  async putSite(site: SiteRecord): Promise<void> {
    this.#sites.set(site.site, { ...site });
  }

  async dropSite(site: string): Promise<void> {
    this.#sites.delete(site);
    for (const [key, tariff] of this.#tariffs) if (tariff.site === site) this.#tariffs.delete(key);
  }

  async tariffs(): Promise<TariffRecord[]> {
    return [...this.#tariffs.values()]
      .sort((a, b) => (a.site === b.site ? a.validFromMs - b.validFromMs : a.site < b.site ? -1 : 1))
      .map((tariff) => ({ ...tariff }));
  }

  async putTariff(tariff: TariffRecord): Promise<void> {
    this.#tariffs.set(`${tariff.site} ${tariff.validFromMs}`, { ...tariff });
  }

  async fx(): Promise<FxRecord[]> {
    return [...this.#fx.values()]
      .sort((a, b) =>
        a.currency === b.currency ? a.validFromMs - b.validFromMs : a.currency < b.currency ? -1 : 1,
      )
      .map((fx) => ({ ...fx }));
  }

  async putFx(fx: FxRecord): Promise<void> {
    this.#fx.set(`${fx.currency} ${fx.validFromMs}`, { ...fx });
  }

  async settle(): Promise<void> {}
  async calm(): Promise<void> {}

  async putRollups(rows: readonly RollupRow[], sites: readonly SiteRollupRow[]): Promise<void> {
    for (const row of rows) this.#rollups.set(`${row.stepMs} ${row.startMs} ${row.rig}`, copyOfRow(row));
    for (const row of sites)
      this.#siteRollups.set(`${row.stepMs} ${row.startMs} ${row.site} ${row.algo}`, copyOfSiteRow(row));
  }

  async rollups(range: RollupRange & { rigs?: readonly number[] }): Promise<RollupRow[]> {
    const rigs = range.rigs && new Set(range.rigs);
    return [...this.#rollups.values()]
      .filter((row) => within(row, range) && (!rigs || rigs.has(row.rig)))
      .sort((a, b) => a.startMs - b.startMs || a.rig - b.rig)
      .map(copyOfRow);
  }

  async siteRollups(range: RollupRange & { site: string; algo?: string }): Promise<SiteRollupRow[]> {
    return [...this.#siteRollups.values()]
      .filter(
        (row) =>
          within(row, range) &&
          row.site === range.site &&
          (range.algo === undefined || row.algo === range.algo),
      )
      .sort((a, b) => a.startMs - b.startMs || (a.algo < b.algo ? -1 : 1))
      .map(copyOfSiteRow);
  }

  async uptimes(
    rigs: readonly number[],
    windows: readonly { fromMs: number; toMs: number }[],
  ): Promise<Map<number, Uptime>> {
    const uptimes = new Map<number, Uptime>();
    for (const { fromMs, toMs } of windows)
      addUptimes(uptimes, await this.rollups({ rigs, fromMs, toMs, stepMs: BUCKET_MS }));
    return uptimes;
  }

  async meanTemps(range: Parameters<StateStore["meanTemps"]>[0]): Promise<MeanTemps[]> {
    return meanTempsOf(await this.rollups({ ...range, stepMs: BUCKET_MS }));
  }

  async siteColumns({ hoursToMs, columns, ...query }: SiteColumnsQuery): Promise<SiteColumns> {
    const hours = await this.siteRollups({
      ...query,
      toMs: Math.min(hoursToMs, query.toMs),
      stepMs: HOUR_MS,
    });
    const fine = await this.siteRollups({
      ...query,
      fromMs: Math.max(hoursToMs, query.fromMs),
      stepMs: BUCKET_MS,
    });
    const rows = [...hours, ...fine];
    return {
      startMs: Float64Array.from(rows, ({ startMs }) => startMs),
      stepMs: Float64Array.from(rows, ({ stepMs }) => stepMs),
      columns: columns.map((name) => Float64Array.from(rows, (row) => row[name] ?? Number.NaN)),
    };
  }

  async newestRollup(stepMs: number): Promise<number | undefined> {
    let newest: number | undefined;
    for (const row of this.#rollups.values())
      if (row.stepMs === stepMs && (newest === undefined || row.startMs > newest)) newest = row.startMs;
    return newest;
  }

  async oldestRollup(stepMs: number): Promise<number | undefined> {
    let oldest: number | undefined;
    for (const row of this.#rollups.values())
      if (row.stepMs === stepMs && (oldest === undefined || row.startMs < oldest)) oldest = row.startMs;
    return oldest;
  }

  async dropRollups(stepMs: number, beforeMs: number): Promise<number> {
    let dropped = 0;
    for (const [key, row] of this.#rollups)
      if (row.stepMs === stepMs && row.startMs < beforeMs) {
        this.#rollups.delete(key);
        dropped++;
      }
    return dropped;
  }

  async putAlerts(alerts: readonly AlertView[]): Promise<void> {
    for (const alert of alerts) this.#alerts.set(alert.id, { ...alert });
  }

  async alerts(sinceMs: number): Promise<AlertView[]> {
    return [...this.#alerts.values()]
      .filter((alert) => alert.resolvedMs === null || alert.resolvedMs >= sinceMs)
      .sort((a, b) => b.pendingMs - a.pendingMs || (a.id < b.id ? -1 : 1))
      .map((alert) => ({ ...alert }));
  }

  async putNotification(notification: QueuedNotification): Promise<void> {
    this.#notifications.set(notification.id, structuredClone(notification));
  }

  async notifications(): Promise<QueuedNotification[]> {
    return [...this.#notifications.values()]
      .sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1))
      .map((notification) => structuredClone(notification));
  }

  async dropNotification(id: string): Promise<void> {
    this.#notifications.delete(id);
  }

  async addEvent(event: EventRecord): Promise<void> {
    this.#events.push({ ...event });
    if (this.#events.length > MAX_EVENTS) this.#events.shift();
  }

  async events(sinceMs: number, limit: number, rigs?: readonly number[]): Promise<EventRecord[]> {
    return this.#events
      .map((event, order) => ({ event, order }))
      .filter(({ event }) => event.atMs >= sinceMs && (!rigs || rigs.includes(event.rig ?? 0)))
      .sort((a, b) => b.event.atMs - a.event.atMs || b.order - a.order)
      .slice(0, limit)
      .map(({ event }) => ({ ...event }));
  }

  async trimHistory(beforeMs: number): Promise<void> {
    for (const [id, { resolvedMs }] of this.#alerts)
      if (resolvedMs !== null && resolvedMs < beforeMs) this.#alerts.delete(id);
  }

  async setting(key: string): Promise<string | undefined> {
    return this.#settings.get(key);
  }

  async putSetting(key: string, value: string): Promise<void> {
    this.#settings.set(key, value);
  }

  async streamMarks(): Promise<StreamMark[]> {
    return [...this.#marks.values()].map((mark) => ({ ...mark }));
  }

  async putStreamMarks(marks: readonly StreamMark[], buckets: readonly TouchedBucket[]): Promise<void> {
    for (const mark of marks) this.#marks.set(`${mark.site}/${mark.agent}/${mark.stream}`, { ...mark });
    for (const { startMs, receivedMs } of buckets)
      this.#touched.set(startMs, Math.max(receivedMs, this.#touched.get(startMs) ?? receivedMs));
  }

  async dropStreamMarks(beforeMs: number): Promise<void> {
    for (const [key, mark] of this.#marks) if (mark.updatedMs < beforeMs) this.#marks.delete(key);
    for (const [startMs, receivedMs] of this.#touched)
      if (receivedMs < beforeMs) this.#touched.delete(startMs);
  }

  async bucketsTouched(receivedMs: number): Promise<number[]> {
    return [...this.#touched]
      .filter(([, lastMs]) => lastMs >= receivedMs)
      .map(([startMs]) => startMs)
      .sort((a, b) => a - b);
  }

  /** Writes everything as one JSON file, for a look at it: only a state file can be restored. */
  async exportTo(folder: string, snapshot?: () => void): Promise<string> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, "state.json");
    const all = {
      rigs: await this.rigs(),
      sites: await this.sites(),
      tariffs: await this.tariffs(),
      fx: await this.fx(),
      rollups: [...this.#rollups.values()],
      siteRollups: [...this.#siteRollups.values()],
      alerts: [...this.#alerts.values()],
      notifications: await this.notifications(),
      events: this.#events,
      settings: Object.fromEntries(this.#settings),
      audit: this.audit.all(),
      air: this.air.all(),
      rateSeries: this.rateSeries.all(),
      documents: await this.documents.all(),
      ledger: this.ledger.all(),
      alertCare: this.alertCare.all(),
    };
    snapshot?.();
    await writeFile(path, JSON.stringify(all));
    return path;
  }

  async bytes(): Promise<number> {
    return 0;
  }

  async usedBytes(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {}
}

const within = (row: { startMs: number; stepMs: number }, range: RollupRange): boolean =>
  row.stepMs === range.stepMs && row.startMs >= range.fromMs && row.startMs < range.toMs;
