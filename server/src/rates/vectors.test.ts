import { describe, expect, test } from "vitest";
import { readGridFactors } from "../bundledData.js";
import { matchingScore, matchLoad } from "../economics/matching.js";
import { GridFactors } from "./carbon/gridFactors.js";
import { kgPerKwh } from "./carbon/poundsPerMwh.js";
import {
  btcPerPhDay,
  impliedFeesBtc,
  networkHashrateHs,
  rewardStats,
  subsidyBtc,
  subsidySats,
  subsidySatsOver,
} from "./hashprice/formula.js";
import { blocksToRetarget, retargetPercent } from "./hashprice/retarget.js";
import { monthsOf, usualTempC } from "./overhead/ambient.js";
import { climateOf } from "./overhead/climate.js";
import { measuredOverhead, modelledOverhead } from "./overhead/overhead.js";
import { poolShare } from "./pools/pool.js";

/** Figures that were computed independently, to 1e-12 (docs/money-and-carbon.md). */
const near = (value: number | undefined, expected: number): void =>
  expect(Math.abs(value! / expected - 1), `${value} for ${expected}`).toBeLessThan(1e-12);
const D = Number("125807076547197.5");
const PRICE = 76_747;
const BTC_PER_PH_DAY = Number("0.00049968789921734474");

describe("the network", () => {
  test("hashes as much as its difficulty says", () => {
    near(networkHashrateHs(1e14), Number("715827882666666666666.67"));
    near(networkHashrateHs(D), Number("900562132292636438254.93"));
    near(networkHashrateHs(Number("31251101365711.12")), Number("223704097216183660305.89"));
  });

  test("pays fees that quoted hashprices imply", () => {
    near(impliedFeesBtc(38.2, 152e12, 3.125, 91_000), Number("0.046842962389906389906"));
    near(impliedFeesBtc(43.1, 156e12, 3.125, 104_000), Number("0.088768931555555555556"));
    near(impliedFeesBtc(45.79, 88.4e12, 3.125, 64_000), Number("0.019047171508148148148"));
  });

  test("rewards as its statistics say, the subsidy and not a satoshi else when fees are taken off", () => {
    const stats = rewardStats(736_556, 736_655, 63_811_748_254, 1_311_748_254);
    expect(stats).toMatchObject({ blocks: 100, avgSubsidyBtc: 6.25 });
    near(stats.avgRewardBtc, 6.3811748254);
    near(stats.avgFeeBtc, 0.1311748254);
    near(stats.feeShare, Number("0.0205565321416777493"));
    expect(subsidySatsOver(736_556, 736_655)).toBe(63_811_748_254 - 1_311_748_254);
    expect(subsidySatsOver(839_999, 840_000)).toBe(subsidySats(839_999) + subsidySats(840_000));
  });

  test("would retarget as blocks have come, within its bounds", () => {
    expect(retargetPercent({ blocks: 1_000, elapsedS: 600_600 })).toBe(0);
    near(retargetPercent({ blocks: 1_000, elapsedS: 546_000 }), 10);
    near(
      retargetPercent({ blocks: 100, elapsedS: 54_000, before: { elapsedS: 241_800, changePercent: 0 } }),
      Number("2.2312373225152227"),
    );
    expect(retargetPercent({ blocks: 1_000, elapsedS: 100_000 })).toBe(300);
    expect(retargetPercent({ blocks: 1_000, elapsedS: 4_000_000 })).toBe(-75);
    expect([blocksToRetarget(963_692), blocksToRetarget(965_664)]).toEqual([1_972, 2_016]);
  });

  test("moves the hashprice as difficulty, price, fees and the halving do", () => {
    const usd = (difficulty: number, price: number, feesBtc?: number, height = 963_692) =>
      btcPerPhDay({ difficulty, subsidyBtc: subsidyBtc(height), ...(feesBtc !== undefined && { feesBtc }) }) *
      price;
    near(usd(D, PRICE), Number("38.349547201233556974"));
    near(usd(D * 1.1, PRICE), Number("34.86322472839414"));
    near(usd(D, PRICE * 0.8), Number("30.679637760986846"));
    near(usd(D, PRICE, 0.05), Number("38.96313995645329"));
    near(usd(D, PRICE, undefined, 1_050_000), Number("19.174773600616778"));
  });
});

describe("a pool", () => {
  test("leaves what its fee, its luck and the firmware leave", () => {
    near(
      BTC_PER_PH_DAY * poolShare({ scheme: "FPPS", feePercent: 2, devFeePercent: 0 }),
      Number("0.0004896941412329978479"),
    );
    near(
      BTC_PER_PH_DAY * poolShare({ scheme: "PPLNS", feePercent: 1, luck: 0.93, devFeePercent: 0 }),
      Number("0.0004600626488094093047"),
    );
    // Luck is none of a pool's that pays by the share.
    expect(poolShare({ scheme: "FPPS", feePercent: 0, luck: 0.5, devFeePercent: 0 })).toBe(1);
  });
});

describe("contracts", () => {
  test("are matched hour by hour, which says less than the sum of a day does", () => {
    expect(matchingScore([1, 1, 1, 1], [0, 2, 2, 0])).toEqual({ hourly: 0.5, annual: 1, unmatchedKwh: 2 });
    expect(matchingScore([0, 0], [1, 1])).toBeUndefined();
  });

  test("above the load take nothing off, and emit what they certify", () => {
    const solar = (kwh: number) => ({ id: "s", name: "solar", kwh, kgPerKwh: 0.045 });
    expect(matchLoad(1, [solar(2)], 0.6096)).toEqual({
      matchedKwh: 1,
      unmatchedKwh: 0,
      kgCo2: 0.045,
      parts: [{ id: "s", name: "solar", kwh: 1, kgCo2: 0.045 }],
    });
    expect(matchLoad(1, [solar(0), { id: "w", name: "wind", kwh: 0.25, kgPerKwh: 0 }], 0.6096)).toMatchObject(
      {
        unmatchedKwh: 0.75,
        kgCo2: 0.75 * 0.6096,
        parts: [{ name: "wind", kwh: 0.25 }],
      },
    );
    expect(matchLoad(1, [], 0.6)).toMatchObject({ matchedKwh: 0, kgCo2: 0.6 });
  });
});

describe("grid factors", () => {
  const factors = new GridFactors(readGridFactors());

  test("give the carbon of a PH and of a BTC", () => {
    const kwhPerPhDay = 17.5 * 24;
    for (const [region, perPhDay, perBtc] of [
      ["CN-SD", 260.022, Number("520368.8150288798043")],
      ["CN-JL", 196.182, Number("392609.0671942977816")],
      ["CN-SC", 65.688, Number("131458.0563245304497")],
      ["CN-YN", 0.1333 * 420, Number("112041.9367523012081")],
      ["CN", 0.5306 * 420, Number("445982.3829015080346")],
    ] as const) {
      const kg = factors.row(region)!.kgco2_per_kwh * kwhPerPhDay;
      near(kg, perPhDay);
      near(kg / BTC_PER_PH_DAY, perBtc);
    }
    near(98 * 24 * 0.6191, 1_456.1232);
    near(kgPerKwh(733.9), 0.332891440343);
  });

  test("are there of every province in 2022 and 2023, and each says year, basis and source", () => {
    const rows = readGridFactors();
    for (const year of [2022, 2023])
      expect(rows.filter((row) => row.year === year && /province/.test(row.basis)).length).toBe(30);
    for (const row of rows) {
      expect(row.kgco2_per_kwh).toBeGreaterThanOrEqual(0);
      expect(row.year).toBeGreaterThan(2015);
      expect(`${row.basis} ${row.source}`).toMatch(/CO2/);
    }
    // No provincial factor is published of these.
    for (const none of ["CN-XZ", "CN-HK", "CN-MO", "CN-TW"]) expect(factors.row(none)).toBeUndefined();
    expect(factors.regions.filter((region) => region.startsWith("US-EGRID-"))).toHaveLength(6);
    expect(factors.regions.filter((region) => region.startsWith("COUNTRY-")).length).toBeGreaterThan(200);
  });
});

describe("overhead", () => {
  test("of air by the month is what the model says of the hours of a usual day", () => {
    const heze = [
      1.05,
      1.05,
      1.05,
      1.05,
      Number("1.051411449355854"),
      Number("1.059762420779392"),
      Number("1.0616419203502232"),
      Number("1.0590585870168903"),
      Number("1.0514882730206436"),
      1.05,
      1.05,
      1.05,
    ];
    const months = monthsOf(climateOf("CN-SD-HEZE")!);
    for (const [i, month] of months.entries()) {
      const hours = Array.from({ length: 24 }, (_, hour) => modelledOverhead("air", usualTempC(month, hour)));
      near(hours.reduce((sum, each) => sum + each, 0) / 24, heze[i]!);
    }
    expect(months[6]).toEqual({ meanC: 27.5, amplitudeC: 4.5 });
    near(usualTempC(months[6]!, 15), 32);
    near(usualTempC(months[6]!, 3), 23);
  });

  test("keeps to its bounds, and is of hydro and immersion as documented", () => {
    expect([
      modelledOverhead("air", -20),
      modelledOverhead("air", 60),
      modelledOverhead("immersion", 40),
    ]).toEqual([1.05, 1.15, 1.03]);
    near(modelledOverhead("hydro", 40), 1.07);
  });

  test("is measured where more comes in than is drawn at the plugs", () => {
    expect([measuredOverhead(105, 100), measuredOverhead(99, 100), measuredOverhead(1, 0)]).toEqual([
      1.05,
      undefined,
      undefined,
    ]);
  });
});
