import type { Bill } from "@hashwatt/protocol/settings";
import { expect, test } from "vitest";
import { bookedSite } from "../fixtures/bookedSites.js";
import { SHANGHAI, tariff } from "../fixtures/tariffs.js";
import { bill } from "../rates/tariffs/bill.js";
import { billingPeriod } from "../rates/tariffs/billingPeriod.js";
import { whyOf } from "../rates/tariffs/billWhy.js";
import { tariffKind } from "../settings/tariffKind.js";
import { billCharges } from "./billCharges.js";

const HOUR_MS = 3_600_000;

test("the bills of a period are worked out once, whatever parts of it are asked for, and anew after a minute", async () => {
  const [startMs, endMs] = [SHANGHAI.instant(2026, 8, 1), SHANGHAI.instant(2026, 9, 1)];
  const monthly = [{ name: "connection", amount: 310 }];
  const own = tariff({
    validFrom: "2020-01-01",
    energy: { kind: "flat", price: 0.06 },
    monthly,
    taxPercent: 10,
  });
  const dated = { source: "test", asOfMs: null };
  const row = { kind: "fixed" as const, name: "connection", quantity: 1, unit: "month" as const, price: 310 };
  const line = {
    ...row,
    amount: 310,
    provisional: false,
    atLeast: false,
    why: whyOf("fixed", { perMonth: 310 }, dated),
  };
  const period = { name: "2026-08", startMs, endMs };
  const asked: number[] = [];
  const clock = { ms: startMs + 20 * 24 * HOUR_MS, nowMs: () => clock.ms };
  const charges = billCharges({
    bills: {
      all: async (_site, { fromMs }) => {
        asked.push(fromMs);
        return [{ tariff: own.id, name: own.name, source: "test", period, lines: [line] } as unknown as Bill];
      },
    },
    settings: {
      values: ((kind: unknown) => (kind === tariffKind ? [{ value: own }] : [])) as never,
    },
    sites: { get: () => bookedSite({ zone: "Asia/Shanghai" }) },
    clock,
  });
  // The end moves with every look.
  for (let hour = 1; hour <= 5; hour++) {
    const [told] = await charges.lines("s", {
      fromMs: startMs + hour * HOUR_MS,
      toMs: clock.ms + hour * HOUR_MS,
    });
    expect(told).toMatchObject({ name: "connection", amountMicro: 341e6, fromMs: startMs, toMs: endMs });
    expect(told!.why.inputs).toContainEqual({ name: "taxPercent", value: 10 });
  }
  expect(asked).toHaveLength(1);
  clock.ms += 61_000;
  await charges.lines("s", { fromMs: startMs, toMs: clock.ms });
  // Another period is another bill.
  await charges.lines("s", { fromMs: startMs - HOUR_MS, toMs: clock.ms });
  expect(asked).toHaveLength(3);
});

test("a minimum is not charged as known for a period of which nothing was measured", async () => {
  const own = tariff({ energy: { kind: "flat", price: 0.4 }, minimumCharge: 10_000 });
  const period = billingPeriod(SHANGHAI, 1, SHANGHAI.instant(2026, 8, 1));
  const data = { intervals: [], basis: "meter", toMs: period.endMs } as const;
  const charges = billCharges({
    bills: { all: async (site) => [bill(own, SHANGHAI, site.site, period, data)] },
    settings: { values: ((kind: unknown) => (kind === tariffKind ? [{ value: own }] : [])) as never },
    sites: { get: () => bookedSite({ zone: "Asia/Shanghai" }) },
    clock: { nowMs: () => period.endMs },
  });
  expect(await charges.lines("s", { fromMs: period.startMs, toMs: period.endMs })).toMatchObject([
    {
      ...{ name: "minimum charge", amountMicro: null, note: "nothing of it was measured" },
      ...{ provisional: false, partlyMeasured: true },
    },
  ]);
});

test("what is not final says why: its period is open, or a part of the time was not measured", async () => {
  const own = tariff({
    energy: { kind: "flat", price: 0.4 },
    demand: [{ kind: "maximum", name: "demand", minutes: 60, perKw: 30 }],
    minimumCharge: 10_000_000,
    monthly: [{ name: "connection", amount: 310 }],
  });
  const period = billingPeriod(SHANGHAI, 1, SHANGHAI.instant(2026, 8, 1));
  const told = async (measuredMs: number, nowMs: number) => {
    const intervals = [];
    for (let startMs = period.startMs; startMs < period.startMs + measuredMs; startMs += HOUR_MS)
      intervals.push({ startMs, endMs: startMs + HOUR_MS, kwh: 100, coverage: 1 });
    const data = { intervals, basis: "meter", toMs: nowMs } as const;
    const charges = billCharges({
      bills: { all: async (site) => [bill(own, SHANGHAI, site.site, period, data)] },
      settings: { values: ((kind: unknown) => (kind === tariffKind ? [{ value: own }] : [])) as never },
      sites: { get: () => bookedSite({ zone: "Asia/Shanghai" }) },
      clock: { nowMs: () => nowMs },
    });
    const lines = await charges.lines("s", { fromMs: period.startMs, toMs: period.endMs });
    return lines.map(({ name, provisional, partlyMeasured }) => [name, provisional, partlyMeasured]);
  };
  const lengthMs = period.endMs - period.startMs;
  const halfMs = period.startMs + lengthMs / 2;
  expect(await told(lengthMs, period.endMs)).toEqual([
    ["demand", false, false],
    ["connection", false, false],
    ["minimum charge", false, false],
  ]);
  expect(await told(lengthMs / 2, halfMs)).toEqual([
    ["demand", true, false],
    ["connection", false, false],
    ["minimum charge", true, false],
  ]);
  // Half of a month that is over was not measured: it is open no more.
  expect(await told(lengthMs / 2, period.endMs)).toEqual([
    ["demand", false, true],
    ["connection", false, false],
    ["minimum charge", false, true],
  ]);
});
