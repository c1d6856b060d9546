import { fakeClock } from "@hashwatt/protocol/time";
import { describe, expect, test } from "vitest";
import { readGridFactors, readNetworkSnapshot } from "./bundledData.js";
import { ServerError } from "./error.js";
import { histories } from "./history.js";
import { GridFactors } from "./rates/carbon/gridFactors.js";
import { Rates } from "./rates/rates.js";
import { MemoryTelemetryStore } from "./store/memory.js";
import { SeriesReader } from "./store/series.js";
import { MemoryStateStore } from "./store/state/memory.js";

const NOW = Date.UTC(2026, 10, 26, 12);
const MINUTE = 60_000;

/** Rigs, by default two of SHA-256 and one of scrypt, over ten minutes; the price holds for the last five. */
async function farm(
  algos: readonly (string | undefined)[] = ["sha256", "sha256", "scrypt"],
  elsewhere: readonly { site: string; algo: string }[] = [],
) {
  const telemetry = new MemoryTelemetryStore();
  const rigs = algos.map((algo, i) => ({ rig: i + 1, site: "farm", firstSeenMs: 0, ...(algo && { algo }) }));
  const samples = rigs.flatMap(({ rig, algo }) =>
    Array.from({ length: 11 }, (_, i) => ({
      rig,
      receivedMs: NOW,
      sample: {
        atMs: NOW - (10 - i) * MINUTE,
        intervalMs: 30_000,
        status: "mining" as const,
        ...(algo && { algo }),
        hashrateThs: algo === "sha256" ? 100 : 0.01,
        powerW: 3_000,
      },
    })),
  );
  await telemetry.append({ samples, marks: [] });
  const rates = new Rates(
    {
      snapshot: readNetworkSnapshot(),
      factors: new GridFactors(readGridFactors()),
      tariffs: [
        {
          site: "farm",
          validFromMs: NOW - 5 * MINUTE,
          pricePerKwh: 0.06,
          currency: "USD",
          source: "x",
          demo: false,
        },
      ],
      fx: [],
    },
    [{ site: "farm", name: "Farm", zone: "UTC", currency: "USD", gridRegion: "CN-SD", demo: false }],
  );
  const state = new MemoryStateStore();
  const hour = { startMs: NOW - 3 * 60 * MINUTE, stepMs: 60 * MINUTE };
  const power = {
    powerCoveredMs: hour.stepMs,
    powerSpanMs: hour.stepMs,
    kwh: 3,
    kwhBySource: [3, 0, 0, 0, 0],
  };
  const whole = { rigMs: hour.stepMs, coveredMs: hour.stepMs, miningMs: hour.stepMs };
  const hash = { hashCoveredMs: 0, hashSpanMs: 0, thsHours: 0 };
  await state.putRollups([], [{ site: "farm", algo: "old", ...hour, ...whole, ...power, ...hash }]);
  const reader = new SeriesReader({
    telemetry,
    state,
    clock: fakeClock(NOW),
    rigs: () => rigs,
  });
  const views = [...rigs, ...elsewhere].map(({ site, algo }) => ({ record: { site }, algo }));
  return histories({ reader, rates, rigs: () => views });
}
const range = { fromMs: NOW - 10 * MINUTE, toMs: NOW, stepMs: MINUTE };

describe("the history of a site", () => {
  test("prices each step by what held then, and leaves unknown what did not", async () => {
    const { columns, tMs } = await (await farm()).site("farm", range);
    expect(tMs).toHaveLength(10);
    expect(columns.hashrateThs?.[9]).toBeCloseTo(200, 6);
    expect(columns.revenuePerH?.[0]).toBeCloseTo((200 * 38.349547201233555) / 24_000, 9);
    expect(columns.costPerH?.slice(0, 5)).toEqual([null, null, null, null, null]);
    expect(columns.profitPerH?.[4]).toBeNull();
    expect(columns.costPerH?.[9]).toBeCloseTo(6 * 0.06, 9);
    expect(columns.profitPerH?.[9]).toBeCloseTo((200 * 38.349547201233555) / 24_000 - 0.36, 9);
    expect(columns.co2KgPerH?.[0]).toBeCloseTo(6 * 0.6191, 9);
  });

  test("of another algorithm costs and emits, and its revenue is unknown", async () => {
    const { columns } = await (await farm()).site("farm", { ...range, algo: "scrypt" });
    expect(columns.hashrateThs?.[9]).toBeCloseTo(0.01, 9);
    expect(columns.revenuePerH?.[9]).toBeNull();
    expect(columns.profitPerH?.[9]).toBeNull();
    expect(columns.costPerH?.[9]).toBeCloseTo(3 * 0.06, 9);
  });

  test.each([
    [
      "SHA-256 where the site has any, however many rigs mine something else",
      ["scrypt", "scrypt", "sha256"],
      100,
    ],
    ["the algorithm of most rigs where none mines SHA-256", ["kHeavyHash", "scrypt", "scrypt"], 0.02],
  ])("is of %s", async (_what, algos, hashrateThs) => {
    const { columns } = await (await farm(algos)).site("farm", range);
    expect(columns.hashrateThs?.[9]).toBeCloseTo(hashrateThs, 9);
  });

  test("has no rate of rigs that never told what they mine, neither in an algorithm's sum nor as one of their own", async () => {
    const history = await farm(["sha256", undefined, undefined, "scrypt"]);
    for (const stepMs of [MINUTE, 60 * MINUTE]) {
      const own = { ...range, stepMs };
      const sha256 = await history.site("farm", own);
      if (stepMs === MINUTE) expect(sha256.columns.hashrateThs?.[9]).toBeCloseTo(100, 9);
      if (stepMs === MINUTE) expect(sha256.columns.nominalThs?.[9]).toBeNull();
      const unknown = await history.site("farm", { ...own, algo: "unknown" });
      expect(new Set(unknown.columns.hashrateThs)).toEqual(new Set([null]));
      expect(new Set(unknown.columns.nominalThs)).toEqual(new Set([null]));
    }
    const { columns } = await history.site("farm", { ...range, algo: "unknown" });
    expect(columns.powerW?.[9]).toBe(6_000);
    // Of a site whose rigs tell none there is what they draw.
    const { columns: untold } = await (await farm([undefined, undefined])).site("farm", range);
    expect([untold.hashrateThs?.[9], untold.powerW?.[9]]).toEqual([null, 6_000]);
  });

  test("of an algorithm that no rig mines is refused with those there are", async () => {
    const history = await farm(["scrypt", "SHA256", "SHA256"]);
    await expect(history.site("farm", { ...range, algo: "foo" })).rejects.toThrow(
      new ServerError("badRequest", "algo: no rig of site farm mines foo; known: SHA256, scrypt"),
    );
  });

  test.each([
    ["what only another site mines", "kHeavyHash", null],
    ["what its rigs once mined", "old", 3_000],
  ])("of %s is answered with what is known", async (_what, algo, powerW) => {
    const history = await farm(["sha256", "sha256"], [{ site: "south", algo: "kHeavyHash" }]);
    const hourly = { ...range, fromMs: NOW - 3 * 60 * MINUTE, stepMs: 60 * MINUTE };
    const { columns } = await history.site("farm", { ...hourly, algo }, ["powerW"]);
    expect(columns.powerW?.[0]).toBe(powerW);
  });

  test("of a site without rigs is empty, whatever the algorithm", async () => {
    const { coverage } = await (await farm()).site("north", { ...range, algo: "SHA256" }, ["powerW"]);
    expect(coverage).toBe(0);
  });

  test("answers just the fields that were asked for", async () => {
    const history = await farm();
    expect(Object.keys((await history.site("farm", range, ["profitPerH"])).columns).sort()).toEqual([
      "covered",
      "profitPerH",
    ]);
    expect(Object.keys((await history.rig(1, range, ["powerW"])).columns).sort()).toEqual([
      "covered",
      "powerW",
    ]);
  });
});
