import { describe, expect, test } from "vitest";
import { MemoryRateSeries } from "../../store/state/memoryRateSeries.js";
import { RateSeries } from "../rateSeries.js";
import { importRates } from "./importRates.js";

const ALL = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
const at = (text: string) => Date.parse(text);
const open = () => new RateSeries(new MemoryRateSeries());
const file = (lines: readonly string[], more: object = {}) => ({
  csv: `\uFEFF${lines.join("\r\n")}\r\n`,
  file: "prices.csv",
  dryRun: false,
  ...more,
});

describe("a file of rates", () => {
  test("is taken whole, its rows joined to each other, and says what changed", async () => {
    const series = open();
    const done = await importRates(
      file([
        "series;start;value;end;source;note",
        'price/spot;2026-08-01T00:00+08:00;-0.05;;"market; day-ahead";',
        'price/spot;2026-08-01T01:00+08:00;0.07;2026-08-01T02:00+08:00;;"said ""so"""',
        "fx/CNY;1785513600;7.1;;;",
        "fx/CNY;2026-08-02T00:00Z;7.2;;;",
      ]),
      series,
    );
    expect(done).toEqual({
      applied: true,
      rows: 4,
      series: [
        {
          series: "price/spot",
          unit: "per kWh",
          slots: 2,
          fromMs: at("2026-07-31T16:00Z"),
          toMs: at("2026-07-31T18:00Z"),
          replaced: 0,
          changed: { fromMs: at("2026-07-31T16:00Z"), toMs: at("2026-07-31T18:00Z") },
        },
        {
          series: "fx/CNY",
          unit: "per USD",
          slots: 2,
          fromMs: at("2026-07-31T16:00Z"),
          toMs: null,
          replaced: 0,
          changed: { fromMs: at("2026-07-31T16:00Z"), toMs: null },
        },
      ],
    });
    expect(series.slots("price/spot", ALL)).toMatchObject([
      { value: -0.05, source: "market; day-ahead" },
      { value: 0.07, source: "prices.csv", note: 'said "so"' },
    ]);
  });

  test("replaces what it overlaps, which a dry run tells before, and changes nothing when it comes twice", async () => {
    const series = open();
    const rows = ["start,end,value", "2026-08-01T00:00Z,2026-08-01T02:00Z,1"];
    await importRates(file(rows, { series: "price/x" }), series);
    const inside = file(["start,end,value", "2026-08-01T01:00Z,2026-08-01T01:30Z,2"], { series: "price/x" });
    const expected = {
      replaced: 1,
      changed: { fromMs: at("2026-08-01T01:00Z"), toMs: at("2026-08-01T01:30Z") },
    };
    expect(await importRates({ ...inside, dryRun: true }, series)).toMatchObject({
      applied: false,
      series: [expected],
    });
    expect(series.slots("price/x", ALL)).toHaveLength(1);
    expect(await importRates(inside, series)).toMatchObject({ applied: true, series: [expected] });
    expect(await importRates(inside, series)).toMatchObject({ series: [{ changed: null }] });
    expect(series.slots("price/x", ALL).map(({ value }) => value)).toEqual([1, 2, 1]);
  });

  test.each([
    [["series,start,value"], "line 1: there are no rows"],
    [[""], 'line 1: "" is no column'],
    [["serie,start,value"], 'line 1: "serie" is no column; did you mean series?'],
    [["start,value", "2026-08-01T00:00Z,1"], 'line 1: a column "series" is missing'],
    [["series,start,start,value"], 'line 1: column "start" stands there twice'],
    [["series,value", "btc/USD,1"], 'line 1: a column "start" is missing'],
    [
      ["series,start,value", "btc/USD,2026-08-01T00:00Z,-1"],
      "line 2: value of btc/USD: -1 must be more than 0",
    ],
    [
      ["series,start,value", "network/difficulty,2026-08-01T00:00Z,-5"],
      "line 2: value of network/difficulty: -5 must be more than 0",
    ],
    [["series,start,value", "network/height,2026-08-01T00:00Z,1.5"], "1.5 must be a whole number"],
    [
      ["series,start,value", "btc/usd,2026-08-01T00:00Z,1"],
      'line 2: "btc/usd" is no series; there are network/difficulty',
    ],
    [["series,start,value", "btc/USD,2026-08-01T00:00,1"], 'line 2: start "2026-08-01T00:00" is no instant'],
    [["series,start,value", "btc/USD,2026-08-01T00:00Z,1,2"], "line 2: 4 cells, but line 1 names 3 columns"],
    [["series,start,value", 'btc/USD,"2026,1'], "line 2: a quote in it has no end"],
    [["series,start,value", "btc/USD,2026-08-01T00:00Z,"], "line 2: has no value; leave out the row"],
    [["series,start,value", "btc/USD,2026-08-01T00:00Z,1.2.3"], 'value "1.2.3" is no number'],
    [["series,start,value", "price/x,2026-08-01T00:00Z,1"], "line 2: the last row of price/x needs an end"],
    [
      ["series,start,end,value", "price/x,2026-08-01T00:00Z,2026-07-31T00:00Z,1"],
      'end "2026-07-31T00:00Z" does not come after start',
    ],
    [
      [
        "series,start,end,value",
        "price/x,2026-08-01T01:00Z,2026-08-01T02:00Z,1",
        "price/x,2026-08-01T00:00Z,2026-08-01T01:30Z,1",
      ],
      "line 2: price/x: it begins before the row of line 3 ends",
    ],
    [
      ["series,start,value", "btc/USD,2026-08-01T00:00Z,1", "btc/USD,2026-08-01T00:00Z,2"],
      "line 3: btc/USD has a row that starts then already, in line 2",
    ],
  ])("%j is refused with file, row and reason, and nothing of it is taken", async (lines, words) => {
    const series = open();
    const good =
      lines.length > 1 && lines[0]!.startsWith("series,start,value") ? ["fx/CNY,2026-08-01T00:00Z,7"] : [];
    const failing = importRates(file([...lines, ...good]), series);
    await expect(failing).rejects.toMatchObject({ code: "badRequest" });
    await expect(failing).rejects.toThrow(`prices.csv: `);
    await expect(failing).rejects.toThrow(words);
    await expect(failing).rejects.toThrow("nothing was imported");
    expect(series.list()).toEqual([]);
  });

  test("that is more than memory has room for is refused", async () => {
    const series = new RateSeries(new MemoryRateSeries(), { slots: 3, series: 1 });
    const rows = (n: number) =>
      Array.from({ length: n }, (_, i) => `btc/USD,2026-08-0${i + 1}T00:00Z,${i + 1}`);
    await importRates(file(["series,start,value", ...rows(3)]), series);
    await expect(importRates(file(["series,start,value", ...rows(1)]), series)).rejects.toThrow(
      /would be 1 and 4/,
    );
    await expect(
      importRates(file(["series,start,value", "fx/CNY,2026-08-01T00:00Z,7"]), series),
    ).rejects.toThrow(/rates are kept of 1 series and 3 slots at most/);
    expect(series.list()).toHaveLength(1);
  });

  test("is told the first five of its errors, and how many more there are", async () => {
    const rows = Array.from({ length: 9 }, () => "btc/USD,x,1");
    await expect(importRates(file(["series,start,value", ...rows]), open())).rejects.toThrow(
      /line 6: .*; and 4 more; nothing/,
    );
  });
});
