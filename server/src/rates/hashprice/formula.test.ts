import { describe, expect, test } from "vitest";
import { blocksPerPhDay, btcPerPhDay, perThHour, subsidyBtc, subsidySats } from "./formula.js";

/** From shared test vectors: full precision, recomputed independently; relative tolerance 1e-12. */
const VECTORS = [
  {
    name: "round numbers",
    difficulty: 100000000000000,
    usd: 100000,
    blocks: Number("0.000201165676116943359375"),
    btc: Number("0.000628642737865447998046875"),
    usdPerPhDay: Number("62.8642737865447998046875"),
  },
  {
    name: "snapshot of 2026-08-23",
    difficulty: 125807076547197.5,
    usd: 76747,
    blocks: Number("0.0001599001277495503176885331953556321"),
    btc: Number("0.0004996878992173447427766662354863503"),
    usdPerPhDay: Number("38.34954720123355697388080357487093"),
  },
  {
    name: "low of 2025-11",
    difficulty: 152000000000000,
    usd: 91000,
    usdPerPhDay: Number("37.63584812220774198833264802631578"),
  },
  {
    name: "2024-09-25",
    difficulty: 88400000000000,
    usd: 64000,
    usdPerPhDay: Number("45.51259640654827135180995475113122"),
  },
];

const near = (value: number, expected: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-12);

describe("hashprice", () => {
  test.each(VECTORS)(
    "of $name agrees with the vector to 1e-12",
    ({ difficulty, usd, blocks, btc, usdPerPhDay }) => {
      const perDay = btcPerPhDay({ difficulty, subsidyBtc: 3.125 });
      if (blocks !== undefined) near(blocksPerPhDay(difficulty), blocks);
      if (btc !== undefined) near(perDay, btc);
      near(perDay * usd, usdPerPhDay);
      near(perThHour(perDay * usd) * 24_000, usdPerPhDay);
    },
  );

  test("counts fees where they are known", () => {
    const usd = btcPerPhDay({ difficulty: 125807076547197.5, subsidyBtc: 3.125, feesBtc: 0.05 }) * 76747;
    near(usd, 38.96313995645329);
  });

  test.each([
    [0, 5000000000],
    [209_999, 5000000000],
    [210_000, 2500000000],
    [839_999, 625000000],
    [840_000, 312500000],
    [963_692, 312500000],
    [1_049_999, 312500000],
    [1_050_000, 156250000],
    [6_929_999, 1],
    [6_930_000, 0],
  ])("the subsidy at height %i is %i sat", (height, sats) => {
    expect(subsidySats(height)).toBe(sats);
    expect(subsidyBtc(height)).toBe(sats / 1e8);
  });
});
