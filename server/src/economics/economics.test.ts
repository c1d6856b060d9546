import { describe, expect, test } from "vitest";
import { btcPerPhDay } from "../rates/hashprice/formula.js";
import {
  breakEvenBtcPrice,
  breakEvenDifficulty,
  breakEvenPrice,
  hashcostPerPhDay,
  kwhPerPhDay,
} from "./breakEven.js";
import { bucketFactors } from "./bucketRates.js";
import { curtailment } from "./curtailment.js";
import { perBtc } from "./perBtc.js";

const near = (value: number | null | undefined, expected: number) =>
  expect(Math.abs((value ?? Number.NaN) / expected - 1)).toBeLessThan(1e-12);
/** From shared test vectors, network of 2026-08-23, subsidy alone. */
const HASHPRICE = Number("38.34954720123355697388080357487093");
const S21 = { hashpricePerPhDay: HASHPRICE, poolFactor: 1, efficiencyJPerTh: 17.5, overhead: 1 };

describe("what mining is worth", () => {
  test.each([
    [98, 1, 1, "16.30507959236120619637789267639070"],
    [40, 1, 1, "39.94744500128495518112583705715722"],
    [38, 1, 1, "42.04994210661574229592193374437602"],
    [21.5, 1, 1, "74.32082790936735847651318522261808"],
    [17.5, 1, 1, "91.30844571722275469971619898778793"],
    [13.5, 1, 1, "118.3628000038072746107432209100955"],
    [9.5, 1, 1, "168.1997684264629691836877349775041"],
    [17.5, 1.05, 0.98, "85.22121600274123771973511905526873"],
  ])(
    "%d J/TH at an overhead of %d and %d of the hashprice break even at the vector's price",
    (jth, overhead, poolFactor, perMwh) => {
      near(breakEvenPrice({ ...S21, efficiencyJPerTh: jth, overhead, poolFactor }), Number(perMwh) / 1_000);
    },
  );

  test("costs per PH/s and day what the vectors say", () => {
    near(hashcostPerPhDay(S21, 0.06), 25.2);
    near(hashcostPerPhDay({ ...S21, overhead: 1.05 }, 0.06), 26.46);
    near(hashcostPerPhDay({ efficiencyJPerTh: 29.5, overhead: 1.1 }, 0.045), 35.046);
    near(kwhPerPhDay(S21), 420);
  });

  test("breaks even at the difficulty and the price of bitcoin at which the other inputs just pay", () => {
    const at = { pricePerKwh: 0.06, btcPrice: 76_747, rewardBtc: 3.125 };
    const difficulty = breakEvenDifficulty(S21, at)!;
    const btc = btcPerPhDay({ difficulty, subsidyBtc: 3.125 });
    near(btc * 76_747, 25.2);
    near(breakEvenBtcPrice(S21, { pricePerKwh: 0.06, btcPerPhDay: btc }), 76_747);
    expect(breakEvenPrice({ ...S21, efficiencyJPerTh: 0 })).toBeUndefined();
  });

  test("takes per BTC what the sums say, and says nothing where a side is unknown", () => {
    const produced = { btc: 2, kwh: 10, cost: null, kgCo2: 6 };
    expect(perBtc(produced)).toEqual({ kwhPerBtc: 5, costPerBtc: null, kgCo2PerBtc: 3 });
    expect(perBtc({ ...produced, btc: 0 }).kwhPerBtc).toBeNull();
  });
});

describe("curtailment", () => {
  const hours = (prices: (number | null)[]) =>
    prices.map((pricePerKwh, i) => ({ startMs: i * 3_600_000, pricePerKwh }));

  test("runs up to the threshold and at negative prices, and says nothing of an hour without a price", () => {
    const mining = { ...S21, poolFactor: 0.98, overhead: 1.05 };
    const advice = curtailment(mining, hours([0.025, 0.06, 0.09, 0.14, -0.005, null]));
    near(advice.thresholdPerKwh, Number("85.22121600274123771973511905526873") / 1_000);
    expect(advice.hours.map(({ run }) => run)).toEqual([true, true, false, false, true, null]);
    expect(advice.unknownHours).toBe(1);
    near(advice.marginIfStopped, advice.marginAlwaysOn + advice.avoidedLoss);
  });

  test("of Shandong's January saves what the vector says", () => {
    const price = (hour: number) =>
      hour >= 16 && hour < 19
        ? 1.13597
        : (hour >= 7 && hour < 9) || (hour >= 19 && hour < 21)
          ? 0.98555
          : hour >= 11 && hour < 14
            ? 0.18331
            : (hour >= 2 && hour < 6) || (hour >= 10 && hour < 15)
              ? 0.28359
              : 0.63457;
    const day = curtailment(
      { ...S21, hashpricePerPhDay: HASHPRICE * 7 },
      hours(Array.from({ length: 24 }, (_, h) => price(h))),
    );
    expect(day.profitableHours).toBe(17);
    near(day.marginAlwaysOn, 11.579380408634858);
    near(day.marginIfStopped, 61.90931320611635);
    near(day.avoidedLoss, 50.32993279748149);
  });
});

describe("the rates of buckets", () => {
  const slot = (startMs: number, endMs: number, value: number, source = "a", asOfMs: number | null = 0) => ({
    startMs,
    endMs,
    value,
    source,
    asOfMs,
  });
  const of = (slots: Parameters<typeof bucketFactors>[0]) =>
    bucketFactors(slots, { fromMs: 0, toMs: 30 }, 10);

  test("are means over what overlaps, unknown where a part is, and name every source with its oldest date", () => {
    expect(of([slot(-5, 4, 2, "a", 7), slot(4, 10, 7, "b", 3), slot(20, 25, 1)])).toEqual([
      { value: 5, source: "a; b", asOfMs: 3 },
      undefined,
      undefined,
    ]);
    expect(of([slot(0, Number.POSITIVE_INFINITY, 0.1, "a", null)])[2]).toEqual({
      value: 0.1,
      source: "a",
      asOfMs: null,
    });
  });
});
