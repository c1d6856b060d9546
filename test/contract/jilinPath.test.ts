import type { Ledger } from "@hashwatt/protocol/ledger";
import type { Bill } from "@hashwatt/protocol/settings";
import { systemClock } from "@hashwatt/protocol/time";
import { Zone } from "@hashwatt/protocol/zone";
import { meterSchema } from "@hashwatt/server/config/meters";
import { configSchema } from "@hashwatt/server/config/schema";
import { JILIN } from "@hashwatt/server/fixtures/tariffs";
import { Feeders, feederRows } from "@hashwatt/server/metering/feeders";
import { Metering } from "@hashwatt/server/metering/metering";
import { BUCKET_MS, HOUR_MS, type SiteRollupRow } from "@hashwatt/server/rollup/row";
import { type RunningServer, startServer } from "@hashwatt/server/server";
import { openStores } from "@hashwatt/server/store/registry";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SITE, startPath } from "../support/simulatedPath.js";
import { until } from "../support/wait.js";
import { tempFolder } from "./support/telemetryStores.js";

const ZONE = Zone.of("Asia/Shanghai");
const [DAY, DAY_END, MONTH_END] = [
  ZONE.instant(2026, 8, 1),
  ZONE.instant(2026, 8, 2),
  ZONE.instant(2026, 9, 1),
];
const MINUTE_MS = 60_000;
const RIGS = 1;
const WATTS = 1_000_000;
/** A server looks at its meters once a second; what they say is held, so fewer looks come to the same. */
const LOOK_MS = 10_000;
const METER = meterSchema.parse({ meter: "intake", site: SITE, at: "site", topic: "meters/intake" });

/** A 5-minute row of the site's meter, as those of the day are. */
const meterRow = (startMs: number): SiteRollupRow => ({
  ...feederRows(SITE),
  startMs,
  stepMs: BUCKET_MS,
  rigMs: 0,
  coveredMs: BUCKET_MS,
  miningMs: 0,
  hashCoveredMs: 0,
  hashSpanMs: 0,
  thsHours: 0,
  powerCoveredMs: BUCKET_MS,
  powerSpanMs: BUCKET_MS,
  kwh: WATTS / 1_000 / 12,
  kwhBySource: [WATTS / 1_000 / 12, 0, 0, 0, 0],
});

/** Lives through the day and the hour before it: what is stored of the rigs, and of a meter that speaks once a minute. */
async function livedDay() {
  const path = startPath({
    ...{ rigs: RIGS, seed: "jilin", scenario: "constant", startMs: DAY - HOUR_MS },
    ...{ intervalMs: MINUTE_MS, pricePerKwh: 0.06 },
  });
  const { state, identities, refusals } = path.server;
  const metering = new Metering([METER], refusals);
  const feeders = await Feeders.open(metering, state, { warn: () => undefined }, path.nowMs());
  while (path.nowMs() < DAY_END) {
    const fromMs = path.nowMs();
    metering.message(METER.topic, Buffer.from(String(WATTS)), false, fromMs);
    for (let ms = 0; ms < MINUTE_MS; ms += LOOK_MS) feeders.sweep(fromMs + ms);
    await path.step();
  }
  // The look that closes the day's last bucket.
  feeders.sweep(DAY_END);
  await feeders.close();
  await path.finish();
  const all = { fromMs: DAY - HOUR_MS, toMs: DAY_END, stepMs: BUCKET_MS };
  expect(path.counts).toEqual({ readings: RIGS * 25 * 60, failed: 0 });
  return {
    records: [...identities.index.records()],
    rows: await state.rollups(all),
    sites: [
      ...(await state.siteRollups({ ...all, site: SITE })),
      ...(await state.siteRollups({ ...all, ...feederRows(SITE) })),
    ],
  };
}

describe("one megawatt in Jilin, from the rigs' replies and the meter's words to the API", () => {
  const folder = tempFolder();
  let server: RunningServer;
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${server.url}${path}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  };
  const ledger = (fromMs: number, toMs: number, step: string) =>
    get<Ledger>(`/api/ledger?site=${SITE}&from=${fromMs}&to=${toMs}&step=${step}`);

  beforeAll(async () => {
    const { records, rows, sites } = await livedDay();
    // A few minutes after the end of the month.
    const aheadMs = MONTH_END + 5 * MINUTE_MS - systemClock.nowMs();
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
    const stores = await openStores({ dataDir: folder.path, kind: "duckdb", clock });
    await stores.state.putRigs(records);
    const rest = (MONTH_END - DAY_END) / BUCKET_MS;
    await stores.state.putRollups(rows, [
      ...sites,
      ...Array.from({ length: rest }, (_, i) => meterRow(DAY_END + i * BUCKET_MS)),
    ]);
    await stores.close();
    server = await startServer(
      configSchema.parse({
        http: { port: 0 },
        broker: "off",
        store: { kind: "duckdb", dataDir: folder.path },
        sites: [{ site: SITE, zone: ZONE.name, currency: "CNY", gridRegion: "CN-JL", tariffs: [JILIN] }],
        meters: [METER],
      }),
      "0.1.0",
      clock,
      pino({ level: "silent" }),
    );
    await until(
      "the month is priced",
      async () => {
        const { parts } = await get<{ parts: Record<string, { note: string }> }>("/api/health");
        const { pricedToMs } = await ledger(MONTH_END - HOUR_MS, MONTH_END, "hour");
        return parts.ledger?.note === "priced" && (pricedToMs ?? 0) >= MONTH_END;
      },
      60_000,
      500,
    );
  });
  afterAll(async () => {
    await server?.close();
    folder[Symbol.dispose]();
  });

  it("costs 15,681.8574 CNY on its day, and nothing of it is unknown", async () => {
    const { totals, rows } = await ledger(DAY, DAY_END, "day");
    expect(rows).toMatchObject([{ startMs: DAY, endMs: DAY_END, partial: false }]);
    expect(totals.energyCostMicro! / 1e6).toBeCloseTo(15_681.8574, 4);
    expect(totals.energyMwh! / 1e6).toBeCloseTo(24_000, 4);
    const { spanMs, energyMs, hashMs, pricedMs, weighedMs } = totals.coverage;
    expect(spanMs).toBe(RIGS * (DAY_END - DAY));
    expect([energyMs, hashMs, pricedMs, weighedMs]).toEqual([spanMs, spanMs, spanMs, spanMs]);
  });

  it("costs 522,937.5794 CNY in August with its demand charge, in the ledger as on the bill", async () => {
    const { totals, siteLines } = await ledger(DAY, MONTH_END, "month");
    expect(totals.energyCostMicro! / 1e6).toBeCloseTo(486_137.5794, 4);
    expect(totals.coverage.pricedMs).toBe(totals.coverage.spanMs);
    expect(siteLines).toMatchObject([{ kind: "demand", amountMicro: 36_800_000_000, provisional: false }]);
    expect((totals.energyCostMicro! + totals.siteLinesMicro!) / 1e6).toBeCloseTo(522_937.5794, 4);
    const [bill, ...more] = await get<Bill[]>(`/api/bills?site=${SITE}&from=${DAY}&to=${MONTH_END}`);
    expect(more).toEqual([]);
    expect(bill).toMatchObject({ basis: "meter", coverage: 1 });
    expect(bill!.total).toBeCloseTo(522_937.5794, 4);
  });
});
