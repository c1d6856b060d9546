import { join } from "node:path";
import { type FakeClock, fakeClock, systemClock } from "@hashwatt/protocol/time";
import { configSchema } from "@hashwatt/server/config/schema";
import { foldHours, foldSite, foldSiteRows } from "@hashwatt/server/rollup/fold";
import { rollups } from "@hashwatt/server/rollup/rollup";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "@hashwatt/server/rollup/row";
import { startServer } from "@hashwatt/server/server";
import { Influx } from "@hashwatt/server/store/influx/influx";
import { RollupMirror } from "@hashwatt/server/store/influx/mirror";
import { rawRow } from "@hashwatt/server/store/rawRow";
import { DuckStateStore } from "@hashwatt/server/store/state/duck";
import type { LedgerSums } from "@hashwatt/server/store/state/ledger";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Influxd, startInfluxd } from "../support/influxd.js";
import { programs } from "../support/programs.js";
import { until } from "../support/wait.js";
import { DAY_MS, fleetDay } from "./support/day.js";
import { influxConfig } from "./support/influxStore.js";
import { ledgerPoints, pointsOf } from "./support/ledgerPoints.js";
import { tempFolder } from "./support/telemetryStores.js";

const RIGS = [1, 2, 3, 4, 5, 6].map((rig) => ({ rig, site: rig < 4 ? "north" : "south", firstSeenMs: 0 }));
/** Whole hours from the made-up day to a little while ago. */
const SHIFT_MS = Math.floor((Date.now() - DAY_MS) / HOUR_MS) * HOUR_MS - 5 * HOUR_MS;
const day = fleetDay({ seed: 41, rigs: RIGS.length, hours: 3, intervalMs: 20_000 });

/** Every row of the day, of rigs and sites, by step. */
function rowsOfDay(): { rigs: RollupRow[]; sites: SiteRollupRow[] } {
  const end = DAY_MS + 3 * HOUR_MS;
  const fine = RIGS.flatMap(({ rig }) =>
    rollups(day.filter((stored) => stored.rig === rig).map(rawRow), DAY_MS, end),
  );
  const sites: SiteRollupRow[] = [];
  for (let at = DAY_MS; at < end; at += BUCKET_MS)
    sites.push(
      ...foldSite(
        fine.filter(({ startMs }) => startMs === at),
        RIGS,
        at,
        BUCKET_MS,
      ),
    );
  const hours: SiteRollupRow[] = [];
  for (let at = DAY_MS; at < end; at += HOUR_MS)
    for (const site of ["north", "south"])
      hours.push(
        ...foldSiteRows(
          sites.filter((row) => row.site === site && row.startMs >= at && row.startMs < at + HOUR_MS),
          at,
          HOUR_MS,
        ),
      );
  const shift = <Row extends { startMs: number }>(row: Row) => ({ ...row, startMs: row.startMs + SHIFT_MS });
  return { rigs: [...fine, ...foldHours(fine)].map(shift), sites: [...sites, ...hours].map(shift) };
}

describe.skipIf(!programs.influxd)("rollups in a real InfluxDB 1.x", () => {
  let influxd: Influxd;
  let clock: FakeClock;
  let database = "";
  let count = 0;
  const rows = rowsOfDay();

  beforeAll(async () => {
    influxd = await startInfluxd({ auth: true });
  });
  afterAll(() => influxd?.[Symbol.asyncDispose]());
  beforeEach(() => {
    database = `mirror${++count}`;
    clock = fakeClock(Date.now());
  });

  const keys = () => ({ url: influxd.url, ...influxd.admin, database, timeoutMs: 5_000 });
  const openState = async (folder: string) =>
    (await DuckStateStore.open({ path: join(folder, "hashwatt.duckdb"), nowMs: Date.now })).store;
  async function openMirror(state: DuckStateStore): Promise<RollupMirror> {
    const influx = new Influx({
      config: influxConfig(keys()),
      clock: systemClock,
      keep: { rawDays: 7, rollupDays: 400 },
    });
    const mirror = new RollupMirror({
      influx,
      state,
      rigs: () => RIGS,
      sites: () => [{ site: "north" }, { site: "south" }],
      lost: ({ why }) => {
        throw new Error(why);
      },
      clock,
      log: pino({ level: "silent" }),
    });
    await mirror.load();
    return mirror;
  }
  /** kWh of every row of a measurement, by its tags and time. */
  async function held(suffix: "_5m" | "_1h", measurement: "rig" | "site") {
    const found = new Map<string, unknown>();
    const { series = [] } = await influxd.query(
      `SELECT "coveredMs", "kwh" FROM "${measurement}" GROUP BY *`,
      `${database}${suffix}`,
    );
    for (const { tags, columns, values } of series)
      for (const row of values) {
        const key = `${tags?.site} ${tags?.rig ?? tags?.algo} ${row[columns.indexOf("time")]}`;
        found.set(key, [row[columns.indexOf("coveredMs")], row[columns.indexOf("kwh")]]);
      }
    return found;
  }
  /** The same of rows of ours; energy that was never known is none. */
  const wanted = (of: readonly (RollupRow | SiteRollupRow)[], stepMs: number) =>
    new Map(
      of
        .filter((row) => row.stepMs === stepMs)
        .map((row) => [
          `${"rig" in row ? `${RIGS[row.rig - 1]!.site} r${row.rig}` : `${row.site} ${row.algo}`} ${row.startMs}`,
          [row.coveredMs, row.powerCoveredMs > 0 ? row.kwh : null],
        ]),
    );
  async function expectMirrored({ rigs, sites }: typeof rows): Promise<void> {
    for (const [suffix, stepMs] of [
      ["_5m", BUCKET_MS],
      ["_1h", HOUR_MS],
    ] as const) {
      expect(await held(suffix, "rig")).toEqual(wanted(rigs, stepMs));
      expect(await held(suffix, "site")).toEqual(wanted(sites, stepMs));
    }
  }

  it("are there as they are in the state, and again as late data changes them", async () => {
    using folder = tempFolder();
    const state = await openState(folder.path);
    const mirror = await openMirror(state);
    const put = (rigs: RollupRow[], sites: SiteRollupRow[]) =>
      mirror.around(rigs, sites, () => state.putRollups(rigs, sites));
    await put(rows.rigs, rows.sites);
    await mirror.step();
    expect(mirror.problem).toBeUndefined();
    await expectMirrored(rows);
    const changed = {
      rigs: rows.rigs.map((row, i) => (i % 50 ? row : { ...row, coveredMs: 1 })),
      sites: rows.sites.map((row, i) => (i % 20 ? row : { ...row, coveredMs: 2 })),
    };
    await put(
      changed.rigs.filter((_, i) => i % 50 === 0),
      changed.sites.filter((_, i) => i % 20 === 0),
    );
    await mirror.step();
    await expectMirrored(changed);
    await mirror.close();
    await state.close();
  });

  it("have the hours of the ledger beside them, of sites and of rigs, each once, as it is priced and priced anew", async () => {
    using folder = tempFolder();
    const state = await openState(folder.path);
    let mirror = await openMirror(state);
    await mirror.around(rows.rigs, rows.sites, () => state.putRollups(rows.rigs, rows.sites));
    const fromMs = DAY_MS + SHIFT_MS;
    const edges = [0, 1, 2].map((hour) => fromMs + hour * HOUR_MS);
    const toMs = fromMs + 3 * HOUR_MS;
    const stays = RIGS.map(({ rig, site }) => ({
      ...{ rig, site, fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY },
      ...{ knownFromMs: 0, gone: false, algo: "SHA256" },
    }));
    /** Prices up to the middle of the hour that is not over. */
    const price = (perKwh: number, hoursToMs: number) => {
      const factor = { value: perKwh, source: "made for this test", asOfMs: null };
      const length = Math.min(36, (hoursToMs - fromMs + HOUR_MS / 2) / BUCKET_MS);
      const buckets = Array.from({ length }, (_, i) => ({
        ...{ startMs: fromMs + i * BUCKET_MS, rigs: 3, price: factor },
      }));
      const order = { site: "north", fromMs, toMs, buckets, own: [], stays, hoursToMs };
      return mirror.aroundLedger({ fromMs, toMs: hoursToMs }, () => state.ledger.price(order));
    };
    const expectBooked = async (hours: readonly number[], perKwh: number) => {
      const at = { site: "north", fromMs, toMs };
      const among = ({ startMs }: LedgerSums) => hours.includes(startMs);
      const sites = (await state.ledger.sums({ ...at, edges })).filter(among);
      const ofRigs = await state.ledger.hours({ ...at, rigFrom: 1, rigTo: 1_000 });
      for (const { sums } of sites) expect(sums.energyCostMicro! / sums.energyMwh!).toBeCloseTo(perKwh, 6);
      const found = (measurement: string) => ledgerPoints(influxd, `${database}_1h`, measurement);
      expect(await found("siteLedger")).toEqual(pointsOf(sites, "north"));
      expect(await found("rigLedger")).toEqual(pointsOf(ofRigs.filter(among), "north"));
      expect(new Set(ofRigs.map(({ rig }) => rig)).size).toBeGreaterThan(1);
    };
    // The third hour is not over.
    await price(0.06, edges[2]!);
    await mirror.step();
    await expectBooked(edges.slice(0, 2), 0.06);
    await price(0.06, toMs);
    await price(0.071, toMs);
    // As after a crash: what was noted is taken up by the next.
    mirror = await openMirror(state);
    await mirror.step();
    expect([mirror.problem, mirror.pending]).toEqual([undefined, 0]);
    await expectBooked(edges, 0.071);
    await mirror.close();
    // One that was written to before there were such hours gets all of them.
    for (const measurement of ["siteLedger", "rigLedger"])
      await influxd.query(`DROP MEASUREMENT "${measurement}"`, `${database}_1h`);
    const saved = JSON.parse((await state.setting("influx.mirror"))!);
    delete saved.dirty.ledger;
    delete saved.dirty.rigLedger;
    await state.putSetting("influx.mirror", JSON.stringify(saved));
    mirror = await openMirror(state);
    await mirror.step();
    await expectBooked(edges, 0.071);
    await mirror.close();
    await state.close();
  });

  it("are there again after an InfluxDB was emptied while it ran", async () => {
    using folder = tempFolder();
    const state = await openState(folder.path);
    const mirror = await openMirror(state);
    const put = (rigs: RollupRow[], sites: SiteRollupRow[]) =>
      mirror.around(rigs, sites, () => state.putRollups(rigs, sites));
    await put(rows.rigs, rows.sites);
    await mirror.step();
    for (const suffix of ["", "_5m", "_1h"]) await influxd.query(`DROP DATABASE "${database}${suffix}"`);
    await put(rows.rigs.slice(-1), []);
    await mirror.step();
    expect(mirror.problem).toBeUndefined();
    await expectMirrored(rows);
    await mirror.close();
    await state.close();
  });

  it("have no hole after an InfluxDB that was away, a mirror that was killed and both at once", async () => {
    using folder = tempFolder();
    let state = await openState(folder.path);
    let mirror = await openMirror(state);
    const third = Math.ceil(rows.rigs.length / 3);
    const put = async (part: number) => {
      const rigs = rows.rigs.slice(part * third, (part + 1) * third);
      const sites = part === 1 ? rows.sites : [];
      await mirror.around(rigs, sites, () => state.putRollups(rigs, sites));
    };
    await put(0);
    await mirror.step();
    await influxd.kill();
    await put(1);
    await mirror.step();
    expect(mirror.problem).toContain("no answer from InfluxDB");
    // As after a crash: nothing is closed in order, and the file is opened by another.
    await state.close();
    state = await openState(folder.path);
    mirror = await openMirror(state);
    await put(2);
    await mirror.step();
    expect(mirror.pending).toBeGreaterThan(0);
    await influxd.restart();
    await clock.advance(61_000);
    await mirror.step();
    expect(mirror.problem).toBeUndefined();
    expect(mirror.pending).toBe(0);
    await expectMirrored(rows);
    await mirror.close();
    await state.close();
  });

  it("are filled by a server that gets an InfluxDB for the first time, which says how far it is", async () => {
    using folder = tempFolder();
    const state = await openState(folder.path);
    for (const site of ["north", "south"])
      await state.putSite({ site, name: site, zone: "UTC", currency: "USD", demo: false });
    await state.putRigs(
      RIGS.map(({ rig, site }) => ({
        rig,
        site,
        agent: "a1",
        handle: `h${rig}`,
        name: `Rig ${rig}`,
        evidence: { address: `10.0.0.${rig}` },
        aliases: [{ kind: "address" as const, value: `${site}/a1/h${rig}` }],
        firstSeenMs: DAY_MS,
        lastSeenMs: DAY_MS,
      })),
    );
    await state.putRollups(rows.rigs, rows.sites);
    await state.close();
    const server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: "off",
        store: { kind: "influxdb", dataDir: folder.path, influx: keys() },
      }),
      "0.1.0",
      systemClock,
      pino({ level: "silent" }),
    );
    const mirror = async () => {
      const health = (await (await fetch(`${server.url}/api/health`)).json()) as {
        parts: Record<string, { ok: boolean; note: string }>;
      };
      return health.parts.mirror;
    };
    // Asked again it may say more: hours are folded a few seconds after the start, and mirrored as well.
    let told: { ok: boolean; note: string } | undefined;
    const isDone = async () => {
      told = await mirror();
      return told?.note === "0 steps to write";
    };
    await until("all is mirrored", isDone, 30_000);
    expect(told?.ok).toBe(true);
    await server.close();
    await expectMirrored(rows);
  });
});
