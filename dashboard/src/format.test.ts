import { describe, expect, it } from "vitest";
import { axisUnit, formatFor, spanParts } from "./format.js";

const en = formatFor("en-US");
const join = ({ text, unit }: { text: string; unit: string }) => (unit ? `${text} ${unit}` : text);

describe("quantities scale to a unit with three or four significant digits", () => {
  it.each([
    [0, "0 TH/s"],
    [1e-9, "1.000 kH/s"],
    [0.000_009_5, "9.50 MH/s"],
    [0.5, "500 GH/s"],
    [104.2, "104.2 TH/s"],
    [200, "200 TH/s"],
    [999.4, "999 TH/s"],
    [999.6, "1.000 PH/s"],
    [74_600, "74.6 PH/s"],
    [1_432_000, "1.432 EH/s"],
    [12_345_678, "12.35 EH/s"],
  ])("%d TH/s reads %s", (ths, shown) => {
    expect(join(en.hashrate(ths))).toBe(shown);
  });

  it.each([
    [0, "0 W"],
    [45, "45.0 W"],
    [3_250, "3.25 kW"],
    [999_960, "1.000 MW"],
    [1_696_000, "1.696 MW"],
    [-1_500, "−1.500 kW"],
  ])("%d W reads %s", (w, shown) => {
    expect(join(en.power(w))).toBe(shown);
  });

  it.each([
    [87.3, "87.3 kg"],
    [1_050, "1.050 t"],
    [0.0123, "12.30 g"],
  ])("%d kg reads %s", (kg, shown) => {
    expect(join(en.mass(kg))).toBe(shown);
  });
});

describe("what is not known", () => {
  it.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])(
    "%s is a dash without a unit, never 0",
    (value) => {
      for (const shown of [
        en.hashrate(value),
        en.power(value),
        en.temp(value),
        en.efficiency(value),
        en.percent(value),
        en.mass(value),
        en.moneyParts(value, "USD"),
      ])
        expect(shown).toEqual({ text: "—", unit: "" });
      expect(en.money(value, "USD")).toBe("—");
      expect(en.number(value)).toBe("—");
      expect(en.plain(value)).toBe("—");
      expect(en.clock(value, "UTC")).toBe("—");
    },
  );
});

describe("money", () => {
  it.each([
    [102.4, "USD", "+$102.4"],
    [-0.0512, "USD", "−$0.051"],
    [-0.0049, "USD", "−$0.0049"],
    [6.05, "USD", "+$6.05"],
    [13_791, "USD", "+$13,791"],
    [0, "USD", "$0"],
    [-0.000_42, "USD", "−$0.00042"],
    [0.000_031_6, "USD", "+$0.000032"],
    [0.000_001, "USD", "+$0.000001"],
    [0.000_000_4, "USD", "<$0.000001"],
    [-0.000_000_4, "USD", ">−$0.000001"],
    [12.3, "CNY", "+¥12.30"],
    [12.3, "sats", "+12.30 sats"],
  ])("%d %s with its sign reads %s", (amount, currency, shown) => {
    expect(en.money(amount, currency, true)).toBe(shown);
  });

  it("writes no plus unless asked to", () => {
    expect(en.money(1.5, "USD")).toBe("$1.50");
  });
});

describe("percentages", () => {
  it.each([
    [0.961, "96.1"],
    [1, "100"],
    [0.9999, "99.9"],
    [1.0234, "102"],
    [0, "0"],
  ])("a ratio of %d reads %s percent", (ratio, text) => {
    expect(en.percent(ratio)).toEqual({ text, unit: "%" });
  });
});

describe("times", () => {
  const ms = Date.UTC(2026, 9, 10, 6, 22, 5);
  it("are told in the zone of the site", () => {
    expect(en.clock(ms, "Asia/Shanghai")).toBe("14:22");
    expect(en.seconds(ms, "America/New_York")).toBe("02:22:05");
    expect(en.date(ms, "UTC")).toBe("Oct 10, 2026");
  });
  it("fall back on UTC in a zone that the browser does not know", () => {
    expect(en.clock(ms, "Mars/Olympus")).toBe("06:22");
  });
  it("show midnight as 00:00", () => {
    expect(en.clock(Date.UTC(2026, 0, 1), "UTC")).toBe("00:00");
  });
});

describe("ages", () => {
  it.each([
    [-300, "0.0 s"],
    [400, "0.4 s"],
    [9_940, "9.9 s"],
    [9_960, "10 s"],
    [59_400, "59 s"],
    [59_600, "1 min"],
    [3_599_000, "59 min"],
    [3_600_000, "1 h"],
    [47.9 * 3_600_000, "47 h"],
    [48 * 3_600_000, "2 d"],
    [3 * 365.25 * 86_400_000, "3.0 y"],
  ])("of %d ms read %s", (age, shown) => {
    const { n, unit } = spanParts(age);
    expect(`${n} ${unit}`).toBe(shown);
  });
});

it("plain numbers keep no zeros at the end", () => {
  expect(en.plain(55)).toBe("55");
  expect(en.plain(0.062)).toBe("0.062");
  expect(en.plain(-1234.56)).toBe("−1,235");
});

it("an axis is labelled in the unit of its largest value", () => {
  expect(axisUnit("hashrate", 7_540)).toEqual({ factor: 1000, unit: "PH/s" });
  expect(axisUnit("power", 45)).toEqual({ factor: 1, unit: "W" });
  expect(axisUnit("temp", 95)).toEqual({ factor: 1, unit: "°C" });
});
