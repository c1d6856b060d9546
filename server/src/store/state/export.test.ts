import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RateSeries } from "../../rates/rateSeries.js";
import { BUCKET_MS, type RollupRow } from "../../rollup/row.js";
import { restore } from "../backup/restore.js";
import { DuckFile } from "../duck/file.js";
import { STATE_MIGRATIONS } from "../duck/migrations.js";
import { openStores } from "../registry.js";
import { exportState, listExports, nightlyExport } from "./export.js";

const NOW = Date.UTC(2026, 2, 1, 12, 30);
const DAY_MS = 86_400_000;
const clock = { nowMs: () => NOW };
const rollupRow = (rig: number, startMs: number): RollupRow => ({
  rig,
  startMs,
  stepMs: 300_000,
  samples: 60,
  coveredMs: 300_000,
  miningMs: 300_000,
  hashCoveredMs: 0,
  thsHours: 0,
  powerCoveredMs: 0,
  kwh: 0,
  kwhBySource: [0, 0, 0, 0, 0],
});

describe("exports of the state", () => {
  let root: string;
  let dataDir: string;
  const open = () => openStores({ dataDir, kind: "duckdb", clock });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "hashwatt-export-"));
    dataDir = join(root, "data");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("bring back users, tokens and the record of changes, and no session", async () => {
    const stores = await open();
    const { state } = stores;
    const kept = { "access/users": '[{"name":"ann"}]', "access/tokens": "[]", "access/salt": "s" };
    for (const [key, text] of Object.entries(kept)) await state.putSetting(key, text);
    await state.putSetting("access/sessions", '[{"key":"k"}]');
    const entry = {
      atMs: NOW,
      who: "admin",
      by: "user" as const,
      address: "10.0.0.1",
      action: "user.add",
      object: "ann",
      before: null,
      after: { role: "viewer" },
      result: "done" as const,
    };
    await state.audit.add(entry);
    const slot = { startMs: NOW, endMs: Number.POSITIVE_INFINITY, value: 7, source: "hand", asOfMs: NOW };
    await state.rateSeries.put("fx/CNY", [slot]);
    const path = await nightlyExport(state, { dataDir, nowMs: NOW });
    await stores.close();
    rmSync(join(dataDir, "hashwatt.duckdb"));
    await restore(dataDir, path, clock);
    const again = await open();
    for (const [key, text] of Object.entries(kept)) expect(await again.state.setting(key)).toBe(text);
    expect(await again.state.setting("access/sessions")).toBeUndefined();
    expect(await again.state.audit.list({ limit: 9 })).toEqual([{ n: 1, ...entry }]);
    const series = await RateSeries.open(again.state.rateSeries);
    expect(series.slots("fx/CNY", { fromMs: NOW, toMs: NOW + 1 })).toEqual([slot]);
    await again.close();
  });

  it("are kept for seven nights and share what did not change between them", async () => {
    const stores = await open();
    await stores.state.putRollups([rollupRow(1, NOW - 90 * DAY_MS), rollupRow(1, NOW)], []);
    await stores.state.putRollups([{ ...rollupRow(1, NOW), stepMs: 3_600_000 }], []);
    for (let day = 0; day < 9; day++) {
      await stores.state.putRollups([rollupRow(day + 2, NOW)], []);
      await nightlyExport(stores.state, { dataDir, nowMs: NOW + day * DAY_MS });
    }
    const exports = await listExports(dataDir);
    expect(exports.map((path) => path.slice(-8))).toEqual([
      "20260309",
      "20260308",
      "20260307",
      "20260306",
      "20260305",
      "20260304",
      "20260303",
    ]);
    const months = readdirSync(exports[0]!).filter((name) => name.startsWith("rollups_5m-"));
    expect(months).toHaveLength(2);
    expect(statSync(join(exports[0]!, months[0]!)).nlink).toBe(7);
    expect(statSync(join(exports[0]!, months[1]!)).nlink).toBe(1);
    const hours = readdirSync(exports[0]!).filter((name) => name.startsWith("rollups_1h"));
    expect(hours.map((name) => statSync(join(exports[0]!, name)).nlink)).toEqual([7]);
    await stores.close();
    await expect(restore(dataDir, join(root, "nowhere"), clock)).rejects.toMatchObject({
      code: "restoreFailed",
    });
  });

  it("have what firmwares took by the month, linked where it is the same, and bring it back with its first instant", async () => {
    const stores = await open();
    const { devFees } = stores.state.ledger;
    const fee = (fromMs: number) => ({
      ...{ rig: 1, fromMs, share: 0.02, sinceMs: fromMs - 3_600_000, toMs: fromMs },
      ...{ acceptedDiff: 100, devFeeDiff: 2 },
    });
    await devFees.put([fee(NOW - 90 * DAY_MS), fee(NOW)]);
    await nightlyExport(stores.state, { dataDir, nowMs: NOW });
    await devFees.put([fee(NOW + 3_600_000)]);
    const path = await nightlyExport(stores.state, { dataDir, nowMs: NOW + DAY_MS });
    const rows = await devFees.since(0);
    await stores.close();
    const months = readdirSync(path).filter((name) => name.startsWith("rig_dev_fees"));
    expect(months.map((name) => statSync(join(path, name)).nlink)).toEqual([2, 1]);
    rmSync(join(dataDir, "hashwatt.duckdb"));
    await restore(dataDir, path, clock);
    const again = await open();
    expect(await again.state.ledger.devFees.since(0)).toEqual(rows);
    expect(again.state.ledger.devFees.sinceMs).toBe(NOW - 90 * DAY_MS);
    await again.close();
  });

  it("write only the months of the ledger that were priced anew, bring all of it back, and tell a torn file", async () => {
    const startMs = Date.UTC(2026, 0, 10);
    const stores = await open();
    const { ledger } = stores.state;
    const months = [0, 40, 80].map((day) => startMs - day * DAY_MS);
    const price = (fromMs: number, perKwh: number) => {
      const factor = { value: perKwh, source: `made at ${perKwh}`, asOfMs: fromMs };
      const scrypt = { ...factor, source: "scrypt" };
      const bucket = { startMs: fromMs, rigs: 1, price: factor, others: { "revenue/scrypt": scrypt } };
      const stay = { rig: 1, site: "n", fromMs: 0, toMs: NOW, knownFromMs: 0, gone: false, algo: "scrypt" };
      const order = {
        site: "n",
        fromMs,
        toMs: fromMs + 3_600_000,
        buckets: [bucket],
        stays: [stay],
        own: [],
      };
      return ledger.price({ ...order, hoursToMs: NOW });
    };
    const told = (of: typeof ledger) =>
      Promise.all(
        months.map(async (fromMs) => {
          const query = { site: "n", edges: [fromMs], toMs: fromMs + 3_600_000 };
          return {
            rates: await of.rates("n", fromMs, query.toMs),
            site: await of.sums(query),
            rigs: await of.sums({ ...query, rigs: [1] }),
          };
        }),
      );
    await stores.state.putRollups(
      months.map((ms) => ({
        ...rollupRow(1, ms),
        powerCoveredMs: 300_000,
        kwh: 2,
        kwhBySource: [2, 0, 0, 0, 0],
      })),
      [],
    );
    for (const ms of months) await price(ms, 0.06);
    const first = await nightlyExport(stores.state, { dataDir, nowMs: NOW });
    await price(months[1]!, 0.07);
    const second = await nightlyExport(stores.state, { dataDir, nowMs: NOW + DAY_MS });
    const links = (table: string) =>
      readdirSync(second)
        .filter((name) => name.startsWith(`${table}-`))
        .map((name) => statSync(join(second, name)).nlink);
    // The month in the middle is another.
    for (const table of ["ledger_1h", "ledger_site_5m", "ledger_rates_5m", "ledger_hashprices_5m"])
      expect(links(table), table).toEqual([2, 1, 2]);
    const held = await told(ledger);
    expect(held.map(({ site }) => site[0]!.sums.energyCostMicro)).toEqual([120_000, 140_000, 120_000]);
    await stores.close();
    await restore(dataDir, second, clock);
    const again = await open();
    expect(await told(again.state.ledger)).toEqual(held);
    await again.close();

    const torn = join(first, readdirSync(first).find((name) => name.startsWith("ledger_1h-"))!);
    truncateSync(torn, statSync(torn).size - 3);
    await expect(restore(dataDir, first, clock)).rejects.toMatchObject({
      code: "restoreFailed",
      message: expect.stringMatching(/ledger_1h-.*is not as it was written/),
    });
  });

  it("take no more memory than commits have, however much there is", async () => {
    const path = join(dataDir, "hashwatt.duckdb");
    await (await open()).close();
    const filled = await DuckDBInstance.create(path);
    const connection = await filled.connect();
    const sum = (from: string) =>
      `SELECT count(*)::INTEGER AS rows, sum(hash(r))::VARCHAR AS mark FROM ${from} r`;
    const columns = await connection.runAndReadAll(
      "SELECT column_name FROM duckdb_columns() WHERE table_name = 'rollups_5m' AND data_type = 'DOUBLE'",
    );
    const values = columns.getRows().map(([name]) => `random() AS ${name}`);
    await connection.run(
      `INSERT INTO rollups_5m BY NAME SELECT ${NOW} + i // 1_000 * 300_000 AS start_ms, (i % 1_000)::INTEGER AS rig,
         ${values.join(", ")} FROM range(130_000) r(i)`,
    );
    const held = (await connection.runAndReadAll(sum("rollups_5m"))).getRows();
    await connection.run("CHECKPOINT");
    connection.disconnectSync();
    filled.closeSync();
    const { file } = await DuckFile.open({
      ...{ path, migrations: STATE_MIGRATIONS, nowMs: clock.nowMs, damaged: "throw" },
      ...{ memoryLimit: "96MB", restLimit: "32MB", checkpointAt: "2MB", threads: 1 },
    });
    const folder = await exportState(await file.session("modest"), join(dataDir, "exports/state-20260301"));
    await file.close();
    const reader = await DuckDBInstance.create();
    const again = await reader.connect();
    const rows = await again.runAndReadAll(sum(`read_parquet('${folder}/rollups_5m-*.parquet')`));
    expect(rows.getRows()).toEqual(held);
    expect(held[0]![0]).toBe(130_000);
    again.disconnectSync();
    reader.closeSync();
  });

  it("bring back every table when restored, and leave the former file aside", async () => {
    let stores = await open();
    const event = { atMs: NOW, kind: "loss", site: "n", rig: 4, text: "it's gone" };
    const tariff = {
      site: "n",
      validFromMs: 5,
      pricePerKwh: 0.06,
      currency: "USD",
      source: "contract",
      demo: false,
    };
    const document = { kind: "tariff", site: "n", id: "t", body: { price: -1 }, changedMs: NOW };
    await stores.state.documents.change({ put: [document] });
    await stores.state.putTariff(tariff);
    await stores.state.addEvent(event);
    const row = { ...rollupRow(7, NOW - 40 * DAY_MS), algo: "sha256", accepted: 12 };
    await stores.state.putRollups([row], []);
    const path = await nightlyExport(stores.state, { dataDir, nowMs: NOW });
    await stores.state.putTariff({ ...tariff, pricePerKwh: 9 });
    await stores.state.documents.change({ drop: [document] });
    await stores.close();

    await restore(dataDir, path, clock);
    stores = await open();
    expect(await stores.state.tariffs()).toEqual([tariff]);
    expect(await stores.state.documents.all()).toEqual([document]);
    expect(await stores.state.events(0, 9)).toEqual([event]);
    expect(await stores.state.rollups({ fromMs: 0, toMs: NOW, stepMs: BUCKET_MS })).toEqual([row]);
    await stores.close();
    expect(readdirSync(dataDir)).toContain("hashwatt.duckdb.before-restore-20260301T123000Z");
  });

  it("are refused when they are not whole, and the present state stays", async () => {
    let stores = await open();
    await stores.state.putSetting("a", "kept");
    const path = await nightlyExport(stores.state, { dataDir, nowMs: NOW });
    await stores.close();
    writeFileSync(join(path, "settings.parquet"), "cut");
    await expect(restore(dataDir, path, clock)).rejects.toMatchObject({
      code: "restoreFailed",
      message: expect.stringContaining("settings.parquet"),
    });
    stores = await open();
    expect(await stores.state.setting("a")).toBe("kept");
    await stores.close();
    expect(readdirSync(dataDir).filter((name) => name.includes("restor"))).toEqual([]);
  });
});
