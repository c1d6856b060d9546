import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import { fixedOf } from "./amount.js";
import { readPayoutCsv } from "./payoutCsv.js";

const utc = Zone.of("UTC");
const DAY_MS = 86_400_000;
const at = Date.UTC(2026, 7, 1);

test("an amount is read digit by digit, so that no satoshi is lost on the way", () => {
  expect(fixedOf("0.00049968", 11)).toBe(49_968_000);
  expect(fixedOf("12345.12345678901", 11)).toBe(1_234_512_345_678_901);
  expect(fixedOf("1.000000000005", 11)).toBe(100_000_000_001);
  expect(fixedOf("-0.5", 6)).toBe(-500_000);
  for (const wrong of ["", "1,5", "1e3", "0x1", ".5", "123456789012345.1"])
    expect(fixedOf(wrong, 11)).toBeUndefined();
});

describe("payouts as CSV", () => {
  test("are of UTC days, or of stretches by the site's clocks", () => {
    const text =
      "date,from,to,amount,pool,account,fee_percent,hashrate_ths,reference\n2026-08-01,,,0.00049968,braiins,farm,2,1000,\n,2026-08-02 08:00,2026-08-03 08:00,0.1,braiins,farm,,,x1\n";
    const { rows, refused } = readPayoutCsv(text, Zone.of("Asia/Shanghai"));
    expect(refused).toEqual([]);
    expect(rows.map(({ statement }) => statement)).toEqual([
      {
        pool: "braiins",
        account: "farm",
        coin: "BTC",
        fromMs: at,
        toMs: at + DAY_MS,
        amount: 49_968_000,
        feeRatio: 0.02,
        hashrateThs: 1_000,
        source: "csv",
      },
      {
        pool: "braiins",
        account: "farm",
        coin: "BTC",
        fromMs: at + DAY_MS,
        toMs: at + 2 * DAY_MS,
        amount: 10_000_000_000,
        reference: "x1",
        source: "csv",
      },
    ]);
  });

  test.each([
    ["date,amount\n2026-02-30,1\n", 2, "date", '"2026-02-30" is no date; write 2026-08-01'],
    ["date,amount\n2026-08-01,1 BTC\n", 2, "amount", /"1 BTC" is no amount in whole coins/],
    ["amount\n1\n", 2, "date", "is missing: fill in date, or from and to"],
    ["from,to,amount\n2026-08-02 00:00,2026-08-01 00:00,1\n", 2, "to", /must come after from/],
    ["date,amount,fee_percent\n2026-08-01,1,200\n", 2, "fee_percent", /is no number from 0 to 100/],
    ["date,amount\n2026-08-01,1\n2026-08-01,2\n", 3, undefined, /is the same payout as line 2/],
    ["date,amount\n2026-08-01,1,2\n", 2, undefined, "3 cells, but line 1 names 2 columns"],
  ])("of %j the line, the column and the reason are told", (text, line, column, message) => {
    const { refused } = readPayoutCsv(text, utc, { pool: "braiins" });
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ line, ...(column && { column }) });
    expect(refused[0]!.message).toMatch(message);
  });

  test("without a pool, in the file or beside it, are refused", () => {
    expect(readPayoutCsv("date,amount\n2026-08-01,1\n", utc).refused[0]).toMatchObject({
      line: 2,
      column: "pool",
    });
  });
});
