import type { JobView } from "@hashwatt/protocol/jobs";
import type { Ledger, LedgerExplanation, LedgerSites } from "@hashwatt/protocol/ledger";
import { systemClock } from "@hashwatt/protocol/time";
import { Zone } from "@hashwatt/protocol/zone";
import { configSchema } from "@hashwatt/server/config/schema";
import { BUCKET_MS, HOUR_MS, type RollupRow } from "@hashwatt/server/rollup/row";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { openStores } from "@hashwatt/server/store/registry";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/wait.js";
import { tempFolder } from "./support/telemetryStores.js";

const DAY = Zone.of("Asia/Shanghai").instant(2026, 1, 15);
const END = DAY + 24 * HOUR_MS;
/** From shared test vectors: network of 2026-08-23, subsidy alone. */
const USD_PER_PH_DAY = Number("38.34954720123355697388080357487093");
const near = (value: number | null, expected: number) =>
  expect(Math.abs((value ?? Number.NaN) / expected - 1)).toBeLessThan(1e-12);

/** 1 PH/s of S21: 17.5 kW. */
const row = (startMs: number): RollupRow => ({
  rig: 1,
  startMs,
  stepMs: BUCKET_MS,
  algo: "sha256",
  samples: 60,
  coveredMs: BUCKET_MS,
  miningMs: BUCKET_MS,
  hashCoveredMs: BUCKET_MS,
  thsHours: 1_000 / 12,
  powerCoveredMs: BUCKET_MS,
  kwh: 17.5 / 12,
  kwhBySource: [0, 0, 17.5 / 12, 0, 0],
});
const tariff = {
  id: "shandong",
  name: "Shandong, illustrative level",
  currency: "CNY",
  validFrom: "2025-12-01",
  source: "test vectors",
  energy: {
    kind: "timeOfUse",
    bands: { critical: 1.13597, peak: 0.98555, flat: 0.63457, valley: 0.28359, deep: 0.18331 },
    rules: [
      { band: "flat" },
      { band: "valley", hours: ["2-6", "10-15"] },
      { band: "deep", hours: ["11-14"] },
      { band: "peak", hours: ["7-9", "16-21"] },
      { band: "critical", hours: ["16-19"] },
    ],
  },
  monthly: [{ name: "connection", amount: 3_100 }],
};

describe("the ledger of a running server", () => {
  const folder = tempFolder();
  let server: RunningServer;
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${server.url}${path}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  };
  const day = `site=s&from=${DAY}&to=${END}`;

  beforeAll(async () => {
    // A day that was, a minute after its end.
    const aheadMs = END + 60_000 - systemClock.nowMs();
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
    const stores = await openStores({ dataDir: folder.path, kind: "duckdb", clock });
    const { state } = stores;
    const record = { rig: 1, site: "s", agent: "a", handle: "h", name: "rig 1" };
    const aliases = [{ kind: "address" as const, value: "s/a/h" }];
    const evidence = { address: "10.0.0.1", algo: "sha256" };
    await state.putRigs([{ ...record, aliases, evidence, firstSeenMs: DAY, lastSeenMs: DAY }]);
    await state.putRollups(
      Array.from({ length: 288 }, (_, i) => row(DAY + i * BUCKET_MS)),
      [],
    );
    const slot = { startMs: DAY, endMs: END, value: USD_PER_PH_DAY, source: "test vectors", asOfMs: DAY };
    await state.rateSeries.put("hashprice/quoted", [slot]);
    await state.putFx({ currency: "CNY", validFromMs: 0, perUsd: 7, source: "a constant for tests" });
    await stores.close();
    server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: "off",
        store: { kind: "duckdb", dataDir: folder.path },
        sites: [
          { site: "s", zone: "Asia/Shanghai", currency: "CNY", gridRegion: "CN-SD", tariffs: [tariff] },
        ],
      }),
      "0.1.0",
      clock,
      pino({ level: "silent" }),
    );
    await until(
      "the ledger is priced",
      async () => {
        const { parts } = await get<{ parts: Record<string, { note: string }> }>("/api/health");
        const { pricedToMs } = await get<Ledger>(`/api/ledger?${day}&step=day`);
        return parts.ledger?.note === "priced" && (pricedToMs ?? 0) >= END;
      },
      30_000,
    );
  });
  afterAll(async () => {
    await server.close();
    folder[Symbol.dispose]();
  });

  it("answers the day of Shandong's January by hour and day, its sources and the arithmetic behind it", async () => {
    const hours = await get<Ledger>(`/api/ledger?${day}`);
    expect(hours.rows.filter(({ marginalProfitMicro }) => marginalProfitMicro! > 0)).toHaveLength(17);
    const { rows, totals, sources, siteLines } = await get<Ledger>(`/api/ledger?${day}&step=day`);
    expect(rows).toMatchObject([{ startMs: DAY, endMs: END, partial: false }]);
    expect(totals).toEqual(hours.totals);
    expect(totals.marginalProfitMicro! / 1e6).toBeCloseTo(11.579380408634858, 4);
    const { spanMs, energyMs, pricedMs, profitMs, weighedMs } = totals.coverage;
    expect([energyMs, pricedMs, profitMs, weighedMs]).toEqual([spanMs, spanMs, spanMs, spanMs]);
    // The site's own line is apart from what is marginal, and a 31st of its month.
    expect(siteLines).toMatchObject([{ kind: "fixed", name: "connection", amountMicro: 100_000_000 }]);
    expect(totals.siteLinesMicro).toBe(100_000_000);
    expect(sources.find(({ kind }) => kind === "price")).toMatchObject({
      unit: "CNY/kWh",
      min: 0.18331,
      max: 1.13597,
    });
    const { exact, unknown } = await get<LedgerExplanation>(`/api/ledger/explain?${day}`);
    near(exact.revenue, USD_PER_PH_DAY * 7);
    near(exact.breakEvenPerKwh, 0.6391591200205592);
    near(exact.co2LocationKg, 260.022);
    expect(unknown.map(({ figure }) => figure)).toEqual(
      expect.arrayContaining(["overheadCost", "revenueBtc"]),
    );
    const { byCurrency } = await get<LedgerSites>(`/api/ledger/sites?from=${DAY}&to=${END}`);
    expect(byCurrency).toMatchObject([{ currency: "CNY", totals: { energyMwh: 420_000_000 } }]);
    expect(
      (await get<Ledger>(`/api/ledger?rig=r1&from=${DAY}&to=${END}&step=day`)).totals.energyCostMicro,
    ).toBe(totals.energyCostMicro);
  });

  it("prices on request, says how far it is, and exports what it has", async () => {
    const before = await get<Ledger>(`/api/ledger?${day}`);
    const asked = { method: "POST", headers: { "content-type": "application/json" }, body: '{"site":"s"}' };
    const job = (await (await fetch(`${server.url}/api/jobs/reprice`, asked)).json()) as JobView;
    await until("it is done", async () => (await get<JobView>(`/api/jobs/${job.id}`)).state !== "running");
    expect(await get<JobView>(`/api/jobs/${job.id}`)).toMatchObject({ state: "done", error: null });
    expect(await get<Ledger>(`/api/ledger?${day}`)).toEqual(before);
    const csv = await (await fetch(`${server.url}/api/export/rigs?${day}`)).text();
    expect(csv.trim().split("\n")).toHaveLength(25);
    for (const [path, field] of [
      ["/api/ledger?site=none", "site"],
      ["/api/ledger?site=s&group=nonsense", "group"],
      ["/api/ledger?rig=r9", "rig"],
      [`/api/ledger/explain?site=s&from=${DAY}&to=${END + 99 * HOUR_MS}`, "from"],
      ["/api/export/samples?site=none", "site"],
    ]) {
      const answer = await fetch(`${server.url}${path}`);
      expect([400, 404]).toContain(answer.status);
      expect(await answer.text()).toContain(field);
    }
  });
});
