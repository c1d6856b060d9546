import { describe, expect, test } from "vitest";
import { agentFacts, judgedSite, START, siteFacts } from "../../fixtures/judgedSite.js";
import { difficultyAhead } from "../difficultyAhead.js";
import type { DemandFacts, Facts } from "../facts.js";
import { priceFacts } from "../priceFacts.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const slot = (fromH: number, toH: number, value: number) => ({
  startMs: START + fromH * HOUR,
  endMs: START + toH * HOUR,
  value,
  source: "tariff",
  asOfMs: null,
});
const view = (told: object) => ({ view: { ...agentFacts().view, ...told } });
const server = (told: object): Facts => ({
  kind: "server",
  id: "server",
  name: "server",
  site: "",
  store: { ok: true, note: "" },
  disk: "none",
  ...told,
});
const market = (ratio: number, blocks: number): Facts => ({
  kind: "market",
  id: "bitcoin",
  name: "Bitcoin",
  site: "",
  nextDifficulty: { ratio, blocks, source: "x" },
});
const pool = (lost: number): Facts => ({
  kind: "pool",
  id: "s/p:1",
  name: "p:1",
  site: "s",
  rigs: 10,
  latency: undefined,
  lost: Array.from({ length: lost }, (_, i) => ({ kind: "rig", id: `r${i}`, name: `rig ${i}` })),
});
const demand = (projected: number, more: Partial<DemandFacts> = {}) => ({
  demand: {
    ...{ name: "demand", beside: "peak" as const, unit: "kW" as const, most: 1_000, usual: 980 },
    ...{ projected, endsMs: START + HOUR, perUnit: 36.8, ratchet: undefined, ...more },
  },
});
const dear = [slot(0, 5, 0.05), slot(5, 8, 0.12), slot(8, 24, 0.05)];
const stale = {
  kind: "hashprice" as const,
  value: 1,
  unit: "x",
  source: "snapshot",
  asOfMs: null,
  stale: true,
};

/** Of each rule: facts that breach it, facts that do not, and what the alert says. */
const TABLE: readonly [rule: string, breach: Facts, sound: Facts, says: string][] = [
  [
    "priceNegative",
    siteFacts({ prices: [slot(0, 24, -0.01)] }),
    siteFacts({ prices: [slot(0, 24, 0)] }),
    "-0.01 USD/kWh",
  ],
  [
    "priceSpike",
    siteFacts({ prices: [slot(0, 24, 0.3)], pastPrices: { p95: 0.2, median: 0.05 } }),
    siteFacts({ prices: [slot(0, 24, 0.1)], pastPrices: { p95: 0.1, median: 0.1 } }),
    "at most 0.2000",
  ],
  [
    "unprofitableAhead",
    siteFacts({ prices: dear }),
    siteFacts({ prices: [slot(0, 24, 0.05)] }),
    "From 05:00 to 08:00 energy costs 0.1200 USD/kWh, and the rigs earn 0.0800",
  ],
  [
    "carbonHigh",
    siteFacts({ carbonNow: 0.9, carbonMean: 0.5 }),
    siteFacts({ carbonNow: 0.6, carbonMean: 0.5 }),
    "0.900 kg",
  ],
  [
    "inputsStale",
    siteFacts({ inputs: [stale] }),
    siteFacts({ inputs: [stale], demo: true }),
    "hashprice (snapshot)",
  ],
  // A site that draws the same all day is near its peak all day.
  ["demandPeak", siteFacts(demand(1_050)), siteFacts(demand(975)), "1840.00 USD more"],
  [
    "spoolGrowing",
    agentFacts(view({ behindMs: HOUR })),
    agentFacts(view({ behindMs: null })),
    "60 min of readings",
  ],
  [
    "clockSkew",
    agentFacts(view({ clockOffsetMs: -90_000 })),
    agentFacts(view({ clockOffsetMs: 900 })),
    "90 s ahead",
  ],
  ["storeDown", server({ store: { ok: false, note: "disk is full" } }), server({}), "disk is full"],
  [
    "diskFilling",
    server({ disk: { freeBytes: 5e9, totalBytes: 1e11 } }),
    server({ disk: { freeBytes: 5e10, totalBytes: 1e11 } }),
    "5.0 GB of its disk are free, 5 %",
  ],
  [
    "poolLatency",
    { ...pool(0), latency: { ms: 240, rigs: 4, usualMs: 40, revenuePerH: 600 } } as Facts,
    { ...pool(0), latency: { ms: 110, rigs: 4, usualMs: 40, revenuePerH: 600 } } as Facts,
    "240 ms there and back by 4 rigs that tell it, limit 150 ms, usually 40 ms",
  ],
  ["poolDown", pool(8), pool(1), "8 of 10 rigs (80 %)"],
  [
    "difficultyStep",
    market(1.08, 100),
    market(1.08, 900),
    "In 100 blocks the difficulty is expected to rise by 8 %",
  ],
];

describe("rules of what is no rig", () => {
  test.each(TABLE)("%s fires after its hold, says why, and ends", (rule, breach, sound, says) => {
    const it = judgedSite(0);
    const firing = () => it.book.open().filter((alert) => alert.rule === rule && alert.state === "firing");
    const pass = (facts: Facts, fromS: number, toS: number) => {
      for (let s = fromS; s <= toS; s += 30) it.pass(s, [facts]);
    };
    pass(sound, 0, 3_000);
    expect(firing()).toEqual([]);
    pass(breach, 3_030, 3_030);
    expect(firing(), "one look").toEqual([]);
    pass(breach, 3_060, 5_400);
    expect(firing()).toHaveLength(1);
    expect(firing()[0]?.reason).toContain(says);
    pass(sound, 5_430, 8_000);
    expect(firing()).toEqual([]);
  });

  test.each(TABLE)("%s is told once, whenever the server is started again", (rule, breach, sound) => {
    const run = (restartS?: number) => {
      const it = judgedSite(0);
      const told: string[] = [];
      for (let s = 0; s <= 12_000; s += 30) {
        it.pass(s, [s > 3_000 && s < 7_200 ? breach : sound]);
        for (const alert of it.told()) if (alert.rule === rule) told.push(alert.state);
        if (s === restartS) it.restart();
      }
      return told;
    };
    const without = run();
    expect(without).toEqual(["firing", "resolved"]);
    for (const s of [3_030, 3_060, 3_600, 7_170, 7_230]) expect(run(s)).toEqual(without);
  });

  test.each([
    ["warns ahead of a peak where it draws more than usual", demand(955, { usual: 800 }), true],
    ["does not where that is as usual", demand(955, { usual: 940 }), false],
    ["does not for less than 95 % of the peak", demand(945, { usual: 800 }), false],
    ["tells a new peak of a steady site", demand(1_015, { usual: 1_000 }), true],
    ["does not for a new peak that is noise", demand(1_008, { usual: 1_000 }), false],
    ["warns ahead of what was contracted", demand(955, { beside: "contract", usual: 800 }), true],
    ["tells what exceeds it, however steady", demand(1_001, { beside: "contract", usual: 1_000 }), true],
  ])("demandPeak %s", (_what, facts, told) => {
    const it = judgedSite(0);
    for (let s = 0; s <= 120; s += 30) it.pass(s, [siteFacts(facts)]);
    expect(it.told().map(({ rule }) => rule)).toEqual(told ? ["demandPeak"] : []);
  });

  test("demandPeak says what a risk would cost, and stays until it is 3 % lower", () => {
    const it = judgedSite(0);
    const open = () => it.book.open().find(({ rule }) => rule === "demandPeak");
    for (let s = 0; s <= 60; s += 30) it.pass(s, [siteFacts(demand(960, { usual: 800 }))]);
    expect(open()?.reason).toMatch(
      /^demand: 960 kW until \d\d:\d\d if it goes on so, 96 % of the 1000 kW of this billing period: 5 % above it would cost 1840.00 USD more$/,
    );
    for (let s = 90; s <= 3_600; s += 30) it.pass(s, [siteFacts(demand(930, { usual: 800 }))]);
    expect(open()?.state).toBe("firing");
    for (let s = 3_630; s <= 7_200; s += 30) it.pass(s, [siteFacts(demand(915, { usual: 800 }))]);
    expect(open()).toBeUndefined();
  });

  test.each([
    ["twice as far as usual", 360, 170, true],
    ["a far pool that is as far as ever", 190, 180, false],
    ["half a second, whatever is usual", 520, 480, true],
    ["farther than good, before it is known what is usual", 200, undefined, false],
  ])("poolLatency of %s", (_what, ms, usualMs, told) => {
    const it = judgedSite(0);
    const facts = { ...pool(0), latency: { ms, rigs: 1, usualMs, revenuePerH: 600 } } as Facts;
    for (let s = 0; s <= 1_200; s += 30) it.pass(s, [facts]);
    // So much of what is earned goes stale as the way is of ten minutes.
    expect(it.told()).toMatchObject(
      told ? [{ rule: "poolLatency", subject: { kind: "pool" }, lossPerH: (600 * ms) / 600_000 }] : [],
    );
  });

  test("diskFilling goes on while the disk does not tell, and ends for that after ten minutes, not as clear", () => {
    const it = judgedSite(0);
    const pass = (disk: unknown, fromS: number, toS: number) => {
      for (let s = fromS; s <= toS; s += 30) it.pass(s, [server({ disk })]);
      return it.told().map(({ state, reason }) => `${state} ${reason}`);
    };
    expect(pass({ freeBytes: 5e9, totalBytes: 1e11 }, 0, 330)).toHaveLength(1);
    expect(pass(undefined, 360, 930)).toEqual([]);
    expect(pass(undefined, 960, 960)).toEqual(["resolved Ended: what it rests on is not known any more"]);
  });

  test("end when what they are about is not there any more", () => {
    const it = judgedSite(0);
    for (const s of [0, 60, 120]) it.pass(s, [pool(9)]);
    expect(it.told()).toMatchObject([{ rule: "poolDown", state: "firing" }]);
    it.pass(150, []);
    expect(it.told()).toMatchObject([{ state: "resolved", reason: "Ended: it is not there any more" }]);
  });
});

describe("what they rest on", () => {
  test("prices of thirty days in brief; of less than a week nothing", () => {
    const rates = (days: number) => ({
      slots: (_site: string, kind: string) =>
        kind === "price"
          ? [{ ...slot(-24 * days, -24, 0.05) }, { ...slot(-24, 0, 0.2) }, { ...slot(0, 24, 0.1) }]
          : [],
    });
    expect(priceFacts(rates(30), "s", START, undefined)).toMatchObject({
      pastPrices: { p95: 0.05, median: 0.05 },
    });
    expect(priceFacts(rates(5), "s", START, undefined).pastPrices).toBeUndefined();
  });

  test("the pace of blocks since the last change of the difficulty", () => {
    const height = (value: number, daysAgo: number) => ({ ...slot(-24 * daysAgo, -24 * daysAgo + 1, value) });
    const slots = [height(2_016, 10), height(3_700, 0)];
    const series = { slots: () => slots, last: () => slots[1] };
    const ahead = difficultyAhead(series, START);
    expect(ahead?.blocks).toBe(4_032 - 3_700);
    expect(ahead?.ratio).toBeCloseTo((1_684 * 600_000) / (10 * DAY), 6);
    expect(difficultyAhead({ slots: () => [], last: () => undefined }, START)).toBeUndefined();
  });
});
