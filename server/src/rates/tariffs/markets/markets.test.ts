import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import type { Slot } from "../../slot.js";
import { parseAmber } from "./amber.js";
import { parseEntsoe } from "./entsoe.js";
import { parseErcot } from "./ercot.js";
import { slotsInOrder } from "./market.js";
import { parseNordPool } from "./nordPool.js";
import { parseOctopus } from "./octopus.js";
import { readXml } from "./xml.js";

const short = (slots: readonly Slot[], fromMs: number) =>
  slots.map(({ startMs, endMs, value }) => [
    (startMs - fromMs) / 60_000,
    (endMs - fromMs) / 60_000,
    Math.round(value * 1e9) / 1e9,
  ]);

/** An A44 document as the platform's own guide describes it. */
const a44 = (...series: string[]) => `<?xml version="1.0" encoding="utf-8"?>
<Publication_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3">
  <mRID>1</mRID><type>A44</type>
  ${series.join("\n")}
</Publication_MarketDocument>`;
const timeSeries = (points: [number, number][], more: Record<string, string> = {}) => {
  const {
    sequence,
    curve = "A03",
    resolution = "PT60M",
    from = "22:00",
    to = "02:00",
    currency = "EUR",
  } = more;
  return `<TimeSeries>
    <in_Domain.mRID codingScheme="A01">10Y1001A1001A82H</in_Domain.mRID>
    <currency_Unit.name>${currency}</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>
    ${sequence ? `<classificationSequence_AttributeInstanceComponent.position>${sequence}</classificationSequence_AttributeInstanceComponent.position>` : ""}
    <curveType>${curve}</curveType>
    <Period><timeInterval><start>2026-09-30T${from}Z</start><end>2026-10-01T${to}Z</end></timeInterval>
      <resolution>${resolution}</resolution>
      ${points.map(([at, price]) => `<Point><position>${at}</position><price.amount>${price}</price.amount></Point>`).join("")}
    </Period></TimeSeries>`;
};
const TEN = Date.UTC(2026, 8, 30, 22);

describe("ENTSO-E", () => {
  test("gives blocks of varying size each to the next, and negative prices as they are", () => {
    const slots = parseEntsoe(
      a44(
        timeSeries([
          [1, 80],
          [3, -12.5],
        ]),
      ),
    );
    expect(short(slots, TEN)).toEqual([
      [0, 120, 0.08],
      [120, 240, -0.0125],
    ]);
    expect(slots[0]).toMatchObject({ source: "ENTSO-E day-ahead", note: "EUR/MWh" });
  });

  test("leaves a gap where blocks of one size do", () => {
    const fixed = timeSeries(
      [
        [1, 80],
        [3, 60],
      ],
      { curve: "A01" },
    );
    expect(short(parseEntsoe(a44(fixed)), TEN)).toEqual([
      [0, 60, 0.08],
      [120, 180, 0.06],
    ]);
  });

  test("takes the lowest classification sequence, of those the finest, and others where they alone speak", () => {
    const slots = parseEntsoe(
      a44(
        timeSeries([[1, 99]], { sequence: "2", to: "03:00" }),
        timeSeries([[1, 50]], { sequence: "1", to: "01:00" }),
        timeSeries(
          [
            [1, 41],
            [2, 42],
          ],
          { sequence: "1", resolution: "PT30M", from: "23:00", to: "00:00" },
        ),
      ),
    );
    expect(short(slots, TEN)).toEqual([
      [0, 60, 0.05],
      [60, 90, 0.041],
      [90, 120, 0.042],
      [120, 180, 0.05],
      [180, 300, 0.099],
    ]);
  });

  test("has none where it says so, and is refused with a reason where it is none of its documents", () => {
    const told = (code: string) =>
      `<Acknowledgement_MarketDocument><Reason><code>${code}</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>`;
    expect(parseEntsoe(told("999"))).toEqual([]);
    expect(() => parseEntsoe(told("401"))).toThrow("ENTSO-E: refuses: No matching data found");
    expect(() => parseEntsoe("<html></html>")).toThrow("answered with <html>");
    expect(() => parseEntsoe(a44(timeSeries([[1, 1]], { resolution: "P1D" })))).toThrow('"P1D" is not known');
    expect(() => parseEntsoe(a44(timeSeries([[1, 1]]), timeSeries([[1, 1]], { currency: "PLN" })))).toThrow(
      '"PLN"',
    );
    expect(() => parseEntsoe(a44(timeSeries([[0, 1]])))).toThrow("no position or no price");
    for (const bad of [
      "",
      "<a>",
      "<a></b>",
      "<a/><b/>",
      "a < b",
      '<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>',
      "<a>&e;</a>",
    ])
      expect(() => readXml(bad), bad).toThrow(RangeError);
    expect(
      readXml("\uFEFF<?xml version='1.0'?><!-- c --><n:a x=\"1\">&lt;&#65;<![CDATA[&amp;]]></n:a>"),
    ).toEqual({
      name: "a",
      children: [],
      text: "<A&amp;",
    });
  });
});

describe("Nord Pool", () => {
  const day = {
    market: "DayAhead",
    deliveryArea: "SE4",
    status: "Final",
    unit: "EUR/MWh",
    prices: [
      { price: 79.67, deliveryStart: "2024-07-07T22:00:00Z", deliveryEnd: "2024-07-07T23:00:00Z" },
      { price: -0.5, deliveryStart: "2024-07-08T00:00:00Z", deliveryEnd: "2024-07-08T01:00:00Z" },
    ],
  };
  const asked = { area: "SE4", currency: "EUR" };

  test("gives the prices of an area, and a gap where an hour is missing", () => {
    const wanted = [
      [0, 60, 0.07967],
      [120, 180, -0.0005],
    ];
    for (const body of [[day], day])
      expect(short(parseNordPool(JSON.stringify(body), asked), Date.UTC(2024, 6, 7, 22))).toEqual(wanted);
    expect(parseNordPool("", asked)).toEqual([]);
    expect(parseNordPool(JSON.stringify([{ ...day, deliveryArea: "SE3" }]), asked)).toEqual([]);
  });

  test("is refused in another currency and another shape", () => {
    expect(() => parseNordPool(JSON.stringify(day), { ...asked, currency: "SEK" })).toThrow(
      "the prices of SE4 are in EUR/MWh, and not in SEK/MWh",
    );
    expect(() => parseNordPool('{"prices": 1}', asked)).toThrow("another shape");
    expect(() => parseNordPool("<html>", asked)).toThrow("no JSON");
  });
});

describe("Octopus", () => {
  const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 9, 1, hour, minute)).toISOString();
  const rate = (from: string, to: string | null, pence: number, way: string | null = null) => ({
    value_exc_vat: pence,
    value_inc_vat: pence * 1.05,
    valid_from: from,
    valid_to: to,
    payment_method: way,
  });
  const body = JSON.stringify({
    count: 4,
    next: null,
    results: [
      rate(at(1), null, 30, "NON_DIRECT_DEBIT"),
      rate(at(1), null, 20, "DIRECT_DEBIT"),
      rate(at(0, 30), at(1), -2),
      rate(at(0), at(0, 30), 10),
    ],
  });
  const asked = { product: "AGILE-24-10-01", vat: true, payment: "DIRECT_DEBIT" as const };

  test("gives half hours in pounds, with VAT or without, of the way to pay that is asked for", () => {
    const midnight = Date.UTC(2026, 9, 1);
    expect(short(parseOctopus(body, asked), midnight)).toEqual([
      [0, 30, 0.105],
      [30, 60, -0.021],
      [60, Number.POSITIVE_INFINITY, 0.21],
    ]);
    const other = parseOctopus(body, { ...asked, vat: false, payment: "NON_DIRECT_DEBIT" });
    expect(other.map(({ value }) => value)).toEqual([0.1, -0.02, 0.3]);
    expect(other[0]!.note).toBe("GBP/kWh, without VAT");
  });
});

describe("ERCOT", () => {
  const FIELDS = [
    "deliveryDate",
    "deliveryHour",
    "deliveryInterval",
    "settlementPoint",
    "settlementPointPrice",
    "DSTFlag",
  ];
  const body = (rows: unknown[][]) =>
    JSON.stringify({ fields: FIELDS.map((name) => ({ name })), data: rows });
  const asked = { settlementPoint: "LZ_WEST" };

  test("counts hours by their end in the clocks of Texas, with the hour that comes twice", () => {
    const row = (date: string, hour: number, quarter: number, price: number, again = false) => [
      ...[date, hour, quarter, "LZ_WEST", price, again],
    ];
    const summer = parseErcot(body([row("2026-07-01", 24, 4, 25), row("2026-07-01", 1, 1, -30.25)]), asked);
    const midnight = Zone.of("America/Chicago").instant(2026, 7, 1);
    expect(short(summer, midnight)).toEqual([
      [0, 15, -0.03025],
      [1_425, 1_440, 0.025],
    ]);
    const autumn = parseErcot(
      body([row("2026-11-01", 2, 1, 11), row("2026-11-01", 2, 1, 22, true), row("2026-11-01", 3, 1, 33)]),
      asked,
    );
    const one = Date.UTC(2026, 10, 1, 6);
    expect(short(autumn, one)).toEqual([
      [0, 15, 0.011],
      [60, 75, 0.022],
      [120, 135, 0.033],
    ]);
  });

  test("leaves out other points, and is refused where a row is no quarter with a price", () => {
    expect(parseErcot(body([["2026-07-01", 1, 1, "HB_NORTH", 9, false]]), asked)).toEqual([]);
    expect(() => parseErcot(body([["2026-07-01", 25, 1, "LZ_WEST", 9, false]]), asked)).toThrow("no quarter");
    expect(() => parseErcot(body([["2026-07-01", 2, 1, "LZ_WEST", null, false]]), asked)).toThrow(
      "no quarter",
    );
    expect(() => parseErcot('{"fields": [], "data": []}', asked)).toThrow("no column deliveryDate");
  });
});

describe("Amber", () => {
  test("gives five minutes in dollars, counted from their end, and says what is forecast and what spikes", () => {
    const interval = (end: string, perKwh: number, more: object = {}) => ({
      type: "ActualInterval",
      duration: 5,
      startTime: "2026-10-01T02:00:01Z",
      endTime: end,
      perKwh,
      channelType: "general",
      spikeStatus: "none",
      ...more,
    });
    const body = JSON.stringify([
      interval("2026-10-01T02:05:00Z", 24.5),
      interval("2026-10-01T02:10:00Z", -3, { type: "ForecastInterval", spikeStatus: "potential" }),
      interval("2026-10-01T02:05:00Z", 9, { channelType: "feedIn" }),
    ]);
    const slots = parseAmber(body);
    expect(short(slots, Date.UTC(2026, 9, 1, 2))).toEqual([
      [0, 5, 0.245],
      [5, 10, -0.03],
    ]);
    expect(slots.map(({ note }) => note)).toEqual(["AUD/kWh", "AUD/kWh, forecast, spike possible"]);
  });
});

test("prices that overlap are put in order, and the one that is told later counts", () => {
  const slot = (from: number, to: number, value: number): Slot => ({
    startMs: from,
    endMs: to,
    value,
    source: "m",
    asOfMs: null,
  });
  const ordered = slotsInOrder("m", [slot(20, 30, 3), slot(0, 10, 1), slot(5, 25, 2), slot(0, 10, 4)]);
  expect(ordered.map(({ startMs, endMs, value }) => [startMs, endMs, value])).toEqual([
    [0, 10, 4],
    [10, 25, 2],
    [25, 30, 3],
  ]);
  expect(() => slotsInOrder("m", [slot(5, 5, 1)])).toThrow("m: answered with a price of 1");
  expect(() => slotsInOrder("m", [slot(5, 6, Number.NaN)])).toThrow("NaN");
});
