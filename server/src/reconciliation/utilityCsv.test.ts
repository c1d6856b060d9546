import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import { hasIntervals, readBillCsv, readIntervalCsv } from "./utilityCsv.js";

const shanghai = Zone.of("Asia/Shanghai");
const berlin = Zone.of("Europe/Berlin");

describe("bills as CSV", () => {
  test("are of local dates, the last not included", () => {
    const text =
      "meter;from;to;amount;kwh;demand_amount;tax_amount;reference\nM1;2026-08-01;2026-09-01;522937.5794;744000;36800;0;2026-08\n";
    expect(hasIntervals(text)).toBe(false);
    const { rows, refused } = readBillCsv(text, shanghai, "CNY");
    expect(refused).toEqual([]);
    expect(rows[0]!.statement).toEqual({
      kind: "bill",
      meter: "M1",
      fromMs: Date.parse("2026-08-01T00:00:00+08:00"),
      toMs: Date.parse("2026-09-01T00:00:00+08:00"),
      currency: "CNY",
      amount: 522_937_579_400,
      demand: 36_800_000_000,
      tax: 0,
      energyWh: 744_000_000,
      reference: "2026-08",
    });
  });

  test.each([
    ["from,to,amount\n2026-08-01,2026-08-01,1\n", /must come after from/],
    ["from,to,amount\n2026-08-01,2026-09-01,\n", /is missing/],
    ["from,to,amount,currency\n2026-08-01,2026-09-01,1,EURO\n", /./],
    ["from,to,amount\n2026-08-01,2026-09-01,1\n2026-08-15,2026-09-15,2\n", /overlaps the bill of line 2/],
  ])("of %j the reason is told", (text, message) => {
    const { refused } = readBillCsv(text, shanghai, "CNY");
    expect(refused).toHaveLength(1);
    expect(refused[0]!.message).toMatch(message);
  });
});

describe("interval data as CSV", () => {
  test("of a day of 25 hours has the hour that comes twice, by the order in which it stands", () => {
    const hours = [0, 1, 2, 2, 3, 4];
    const text = `start,end,kwh\n${hours
      .map((hour, at) => `2026-10-25 0${hour}:00,2026-10-25 0${hours[at + 1] ?? 5}:00,${at}`)
      .join("\n")}\n`;
    expect(hasIntervals(text)).toBe(true);
    const { rows, refused } = readIntervalCsv(text, berlin);
    expect(refused).toEqual([]);
    const { energyWh, stepMs } = rows[0]!.statement;
    expect(stepMs).toBe(3_600_000);
    expect(energyWh).toHaveLength(25);
    expect(energyWh.slice(0, 7)).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000, null]);
  });

  test.each([
    ["2026-03-29 02:30,2026-03-29 03:00,1", /does not exist in Europe\/Berlin/],
    ["2026-08-01 00:00,2026-08-01 00:07,1", /must lie 1 to 60 minutes after start/],
    ["2026-08-01 00:00,2026-08-01 00:15,-", /is no number of kWh/],
    ["2026-08-01 00:00,2026-08-01 00:15,1\n2026-08-01 00:00,2026-08-01 00:15,1", /stands in the file twice/],
    [
      "2026-08-01 00:00,2026-08-01 00:15,1\n2026-08-01 01:00,2026-08-01 01:30,1",
      /is 30 min long, others of that day are 15/,
    ],
    ["yesterday,2026-08-01 00:15,1", /is no time; write/],
  ])("of %j the reason is told", (lines, message) => {
    const { refused } = readIntervalCsv(`start,end,kwh\n${lines}\n`, berlin);
    expect(refused).toHaveLength(1);
    expect(refused[0]!.message).toMatch(message);
  });
});
