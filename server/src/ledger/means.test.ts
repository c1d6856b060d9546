import { Zone } from "@hashwatt/protocol/zone";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  bookedSite,
  HASHPRICE,
  rigAt,
  slotOf,
  startLedger,
  steady,
  USD_PER_PH_DAY,
} from "../fixtures/bookedSites.js";
import { tariff } from "../fixtures/tariffs.js";
import { HOUR_MS } from "../rollup/row.js";

const DAYS = [9, 10, 11, 12, 13, 14, 15];
const ZONE = Zone.of("Asia/Shanghai");
const dayOf = (day: number) => ZONE.instant(2026, 9, day);
const [FROM, TO] = [dayOf(9), dayOf(16)];
const pricePerKwh = (day: number) => 0.1 + day / 1_000;
/** An old rig that is read every second, and a new one that is read once a minute; each is known for 5 minutes of every hour. */
const OLD = { kw: 3, ths: 50, samples: 300 };
const NEW = { kw: 3.6, ths: 200, samples: 5 };

describe("figures of a week with a price for each day, on a machine in another zone than the site's", () => {
  let it: Awaited<ReturnType<typeof startLedger>>;
  const ledger = (fromMs: number, toMs: number, step: "day" | "month") =>
    it.service.ledger({ site: "s" }, { fromMs, toMs }, step);
  const perMwh = ({
    energyCostMicro,
    energyMwh,
  }: {
    energyCostMicro: number | null;
    energyMwh: number | null;
  }) => energyCostMicro! / 1e6 / (energyMwh! / 1e9);

  beforeAll(async () => {
    vi.stubEnv("TZ", "Pacific/Kiritimati");
    it = await startLedger({
      sites: [bookedSite({ currency: "USD" })],
      rigs: [rigAt(1), rigAt(2)],
      terms: { s: { tariffs: [tariff({ currency: "USD", energy: { kind: "series", series: "spot" } })] } },
      series: {
        ...HASHPRICE,
        "price/spot": DAYS.map((day) => slotOf(pricePerKwh(day), dayOf(day), dayOf(day + 1))),
      },
    });
    const rows = [];
    for (let at = FROM; at < TO; at += HOUR_MS) rows.push(steady(1, at, OLD), steady(2, at, NEW));
    await it.put(rows);
    await it.price(TO);
  });
  afterAll(() => vi.unstubAllEnvs());

  test("have each day of the site once, none dropped and none double, at its own price", async () => {
    expect(new Date(FROM).getTimezoneOffset()).toBe(-14 * 60);
    const { rows, totals } = await ledger(FROM, TO, "day");
    expect(rows.map(({ startMs }) => startMs)).toEqual(DAYS.map(dayOf));
    for (const [i, row] of rows.entries()) {
      expect(row.energyMwh).toBe((24 * 6.6e6) / 12);
      expect(perMwh(row)).toBeCloseTo(pricePerKwh(DAYS[i]!) * 1_000, 3);
    }
    expect(totals.energyMwh).toBe((7 * 24 * 6.6e6) / 12);
  });

  test("are a price per MWh that is the mean of the days' and a revenue per PH and day that is no sum of theirs", async () => {
    const { rows, totals } = await ledger(FROM, TO, "month");
    expect(rows).toHaveLength(1);
    expect(perMwh(totals)).toBeCloseTo(112, 3);
    const phDays = totals.algos[0]!.hashTh! / 1e3 / 86_400;
    expect(totals.revenueMicro! / 1e6 / phDays).toBeCloseTo(USD_PER_PH_DAY, 2);
  });

  test("that begin on the 11th cost what the days from the 11th on cost, and not 0", async () => {
    const { rows, totals } = await ledger(dayOf(11), TO, "month");
    expect(rows).toMatchObject([{ startMs: dayOf(11), partial: true }]);
    const days = await ledger(FROM, TO, "day");
    const wanted = days.rows.slice(2).reduce((sum, row) => sum + row.energyCostMicro!, 0);
    expect(wanted).toBeGreaterThan(0);
    expect(totals.energyCostMicro).toBe(wanted);
  });

  test("weigh the efficiency of the fleet by what rigs draw and do, however often each is read", async () => {
    const { energyMwh, algos } = (await ledger(FROM, TO, "month")).totals;
    // mWh are 3.6 J.
    expect((energyMwh! * 3.6) / algos[0]!.hashTh!).toBeCloseTo(6_600 / 250, 6);
  });

  test("are earned by the network's hashprice, which is the same whatever the site itself earns", async () => {
    const { exact, steps } = await it.service.explain({ rig: "r1" }, { fromMs: FROM, toMs: FROM + HOUR_MS });
    const both = await it.service.explain({ site: "s" }, { fromMs: FROM, toMs: FROM + HOUR_MS });
    expect(both.exact.revenue! / exact.revenue!).toBeCloseTo(5, 9);
    for (const { hashprice } of [...steps, ...both.steps]) expect(hashprice).toBe(USD_PER_PH_DAY);
  });
});
