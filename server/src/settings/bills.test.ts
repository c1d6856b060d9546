import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { keptSettings } from "../fixtures/keptSettings.js";
import { errorOf, jilin } from "../fixtures/tariffs.js";
import { billCharges } from "../ledger/billCharges.js";
import { feederRows } from "../metering/feeders.js";
import { tariffSchema } from "../rates/tariffs/tariff.js";
import { BUCKET_MS, HOUR_MS, type SiteRollupRow } from "../rollup/row.js";

const SHANGHAI = Zone.of("Asia/Shanghai");
const AUGUST = { fromMs: SHANGHAI.instant(2026, 8, 1), toMs: SHANGHAI.instant(2026, 9, 1) };
const put = (id: string, more: object) => ({
  kind: "tariff",
  site: "farm",
  id,
  body: { id, name: id, currency: "CNY", validFrom: "2026-01-01", source: "s", ...more },
});

/** Rows of a site's meters or of its rigs for a steady load. */
const rows = (
  fromMs: number,
  toMs: number,
  stepMs: number,
  kw: (ms: number) => number,
  more: Partial<SiteRollupRow> = feederRows("farm"),
): SiteRollupRow[] =>
  Array.from({ length: (toMs - fromMs) / stepMs }, (_, i) => {
    const startMs = fromMs + i * stepMs;
    return {
      site: "farm",
      algo: "SHA256",
      startMs,
      stepMs,
      rigMs: stepMs,
      coveredMs: stepMs,
      miningMs: stepMs,
      hashCoveredMs: stepMs,
      thsHours: 0,
      powerCoveredMs: stepMs,
      kwh: (kw(startMs) * stepMs) / HOUR_MS,
      kwhBySource: [0, 0, 0, 0, 0],
      hashSpanMs: stepMs,
      powerSpanMs: stepMs,
      ...more,
    };
  });

describe("bills", () => {
  test("of a site's meter come to Jilin's 522,937.58 for August and 1 MW, and stay open until its end", async () => {
    let nowMs = AUGUST.toMs + HOUR_MS;
    const { settings, bills, state, sites } = await keptSettings({ nowMs: () => nowMs });
    const body = z.encode(tariffSchema, jilin);
    await settings.put({ kind: "tariff", site: "farm", id: jilin.id, body });
    await state.putRollups(
      [],
      rows(AUGUST.fromMs, AUGUST.toMs, BUCKET_MS, () => 1_000),
    );
    // What rigs say is not asked where a meter covers it.
    await state.putRollups(
      [],
      rows(AUGUST.fromMs, AUGUST.toMs, BUCKET_MS, () => 900, {}),
    );
    const [made, ...others] = await bills.of(sites.get("farm")!, AUGUST);
    expect(others).toEqual([]);
    expect(errorOf(made!.total!, 522_937.5794)).toBeLessThan(1e-12);
    expect(made).toMatchObject({ basis: "meter", open: false, coverage: 1, atLeast: false });
    nowMs = AUGUST.fromMs + 36 * HOUR_MS;
    const [open] = await bills.of(sites.get("farm")!, AUGUST);
    expect(open).toMatchObject({ open: true, toMs: nowMs, coverage: 1 });
    expect(open!.lines.filter(({ provisional }) => provisional).map(({ name }) => name)).toEqual(["demand"]);
    nowMs = AUGUST.fromMs - HOUR_MS;
    expect(await bills.of(sites.get("farm")!, AUGUST)).toEqual([]);
  });

  test("take rigs where no meter covers a step, and a share of an earlier period's peak where the tariff says so", async () => {
    const { settings, bills, state, sites } = await keptSettings({ nowMs: () => AUGUST.toMs });
    const demand = [
      { kind: "maximum", name: "peak", minutes: 15, perKw: 10, ratchet: { percent: 80, months: 1 } },
    ];
    await settings.put(put("a", { energy: { kind: "flat", price: 1 }, demand }));
    const july = SHANGHAI.instant(2026, 7, 30);
    await state.putRollups(
      [],
      rows(july, AUGUST.fromMs, BUCKET_MS, () => 500),
    );
    await state.putRollups(
      [],
      rows(AUGUST.fromMs, AUGUST.fromMs + 48 * HOUR_MS, BUCKET_MS, () => 100, {}),
    );
    await state.putRollups(
      [],
      rows(AUGUST.fromMs, AUGUST.fromMs + HOUR_MS, BUCKET_MS, () => 200),
    );
    const [made] = await bills.of(sites.get("farm")!, { fromMs: AUGUST.fromMs, toMs: AUGUST.toMs });
    expect(made).toMatchObject({ basis: "meter and rigs", kwh: expect.closeTo(48 * 100 + 100, 6) });
    expect(made!.lines.find(({ kind }) => kind === "demand")).toMatchObject({
      quantity: 400,
      amount: 4_000,
      note: "a share of an earlier period's",
    });
  });

  test("multiply what rigs draw by the overhead that is set, and say so", async () => {
    const { settings, bills, state, sites } = await keptSettings({ nowMs: () => AUGUST.toMs });
    await settings.put(put("a", { energy: { kind: "flat", price: 1 } }));
    const dated = { validFrom: "2026-01-01", source: "measured once" };
    const body = { id: "o", name: "fans", kind: "constant", factor: 1.25, ...dated };
    await settings.put({ kind: "overhead", site: "farm", id: "o", body });
    await state.putRollups(
      [],
      rows(AUGUST.fromMs, AUGUST.fromMs + 24 * HOUR_MS, BUCKET_MS, () => 100, {}),
    );
    const [made] = await bills.of(sites.get("farm")!, { fromMs: AUGUST.fromMs, toMs: AUGUST.toMs });
    expect(made).toMatchObject({
      basis: "rigs",
      overhead: expect.closeTo(1.25, 9),
      kwh: expect.closeTo(24 * 125, 6),
    });
  });

  test("are no more than an answer holds; what a site owes over many years is made of all of them", async () => {
    const clock = { nowMs: () => AUGUST.toMs };
    const { settings, bills, sites } = await keptSettings(clock);
    const monthly = [{ name: "connection", amount: 310 }];
    await settings.put(put("a", { energy: { kind: "flat", price: 1 }, validFrom: "2020-01-01", monthly }));
    const charges = billCharges({ bills, settings, sites, clock });
    const fourYears = { fromMs: SHANGHAI.instant(2022, 9, 1), toMs: AUGUST.toMs };
    const lines = await charges.lines("farm", fourYears);
    expect(lines.map(({ amountMicro }) => amountMicro)).toEqual(Array(48).fill(310_000_000));
    await expect(bills.of(sites.get("farm")!, { fromMs: 0, toMs: AUGUST.toMs })).rejects.toMatchObject({
      code: "badRequest",
      message: expect.stringContaining("ask for 40 at most"),
    });
  });
});

describe("a price by tiers", () => {
  test("is that of the tier that the period has reached, once its energy is read, and unknown where a gap may have crossed it", async () => {
    let nowMs = AUGUST.fromMs + 100 * HOUR_MS + 300_000;
    const { settings, rates, state, use } = await keptSettings({ nowMs: () => nowMs });
    const energy = { kind: "tiered", tiers: [{ upToKwh: 5_000, price: 1 }, { price: 2 }] };
    const heard: string[] = [];
    rates.onChange((site, kind) => heard.push(`${site} ${kind}`));
    // 100 kW; ten hours before the 50th hour are not measured.
    const known = AUGUST.fromMs + 100 * HOUR_MS;
    const hours = rows(AUGUST.fromMs, known, HOUR_MS, () => 100);
    await state.putRollups(
      [],
      hours.filter(
        ({ startMs }) => startMs < AUGUST.fromMs + 40 * HOUR_MS || startMs >= AUGUST.fromMs + 50 * HOUR_MS,
      ),
    );
    await settings.put(put("a", { energy, validFrom: "2026-08-01" }));
    const at = (hour: number) =>
      rates.slots("farm", "price", {
        fromMs: AUGUST.fromMs + hour * HOUR_MS,
        toMs: AUGUST.fromMs + (hour + 1) * HOUR_MS,
      })[0]?.value;
    expect(at(1)).toBeUndefined();
    heard.length = 0;
    await use.read("farm", { startMs: AUGUST.fromMs, endMs: AUGUST.toMs }, known);
    expect(heard).toEqual(["farm price"]);
    // After the gap between 4,000 and 5,000 kWh were used; at the 60th hour it is 5,000 to 6,000.
    expect([at(0), at(30), at(49), at(50), at(55), at(60), at(99)]).toEqual([
      1,
      1,
      1,
      undefined,
      undefined,
      2,
      2,
    ]);
    // What comes late is read within the hour, and only what it changes is told.
    const late = hours.filter(({ startMs }) => startMs >= AUGUST.fromMs + 40 * HOUR_MS);
    await state.putRollups([], late.slice(0, 10));
    heard.length = 0;
    nowMs += HOUR_MS + 1;
    at(99);
    await use.read("farm", { startMs: AUGUST.fromMs, endMs: AUGUST.toMs }, known + HOUR_MS);
    expect(heard).toEqual(["farm price"]);
    expect([at(49), at(50), at(55)]).toEqual([1, 2, 2]);
  });
});
