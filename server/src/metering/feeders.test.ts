import { pino } from "pino";
import { beforeEach, describe, expect, test } from "vitest";
import { MemoryStateStore } from "../store/state/memory.js";
import { Feeders, powerOver } from "./feeders.js";

const MINUTE = 60_000;
const BUCKET = 5 * MINUTE;
const HOUR = 12 * BUCKET;
const START = Date.UTC(2026, 10, 26);
const log = pino({ level: "silent" });

let state: MemoryStateStore;
let powerW: number | null;
const metering = {
  meteredSites: ["farm"],
  site: () => ({ meters: [], powerW, atMs: 0, overheadW: null, overheadRatio: null, silentW: 0 }),
};
beforeEach(() => {
  state = new MemoryStateStore();
  powerW = 6_000;
});
const open = (nowMs: number) => Feeders.open(metering, state, log, nowMs);
/** A look a second; what is written gets its turn in between. */
async function run(feeders: Feeders, fromMs: number, toMs: number) {
  for (let atMs = fromMs; atMs <= toMs; atMs += 1_000) {
    feeders.sweep(atMs);
    if (atMs % BUCKET < 2_000) await new Promise((resolve) => setImmediate(resolve));
  }
}
const ask = async (feeders: Feeders, fromMs: number, stepMs: number) =>
  (await feeders.power("farm", { fromMs, toMs: fromMs + stepMs, stepMs }))!(fromMs, stepMs);

describe("the history of a site's meters", () => {
  test("is the mean of what they said, by steps longer and shorter than its rows, and by hours", async () => {
    const feeders = await open(START);
    await run(feeders, START, START + HOUR / 2);
    powerW = 9_000;
    await run(feeders, START + HOUR / 2 + 1_000, START + HOUR + MINUTE);
    expect(await ask(feeders, START, BUCKET)).toBeCloseTo(6_000, 6);
    expect(await ask(feeders, START + 7 * MINUTE, MINUTE)).toBeCloseTo(6_000, 6);
    expect(await ask(feeders, START, HOUR)).toBeCloseTo(7_500, -1);
    expect(await ask(feeders, START + HOUR, BUCKET)).toBeCloseTo(9_000, 6);
    expect(await ask(feeders, START + HOUR + 40_000, 10_000)).toBeCloseTo(9_000, 6);
    const hours = await state.siteRollups({
      fromMs: START,
      toMs: START + HOUR,
      stepMs: HOUR,
      site: "farm/feeders",
    });
    expect(hours).toHaveLength(1);
    expect(hours[0]!.kwh).toBeCloseTo(7.5, 1);
  });

  test("covers its rows whole, also where the looks fall between the seconds", async () => {
    const feeders = await open(START);
    await run(feeders, START - 600, START + 2 * BUCKET + 400);
    const range = { fromMs: START, toMs: START + 2 * BUCKET, stepMs: BUCKET, site: "farm/feeders" };
    const rows = await state.siteRollups(range);
    expect(rows.map(({ powerCoveredMs }) => powerCoveredMs)).toEqual([BUCKET, BUCKET]);
    for (const { kwh } of rows) expect(kwh).toBeCloseTo(0.5, 12);
  });

  test("says nothing of a step that the meters cover in part, nor of one before them", async () => {
    const feeders = await open(START);
    await run(feeders, START, START + 2 * MINUTE);
    powerW = null;
    await run(feeders, START + 2 * MINUTE + 1_000, START + 2 * BUCKET);
    powerW = 6_000;
    await run(feeders, START + 2 * BUCKET + 1_000, START + 3 * BUCKET);
    expect(await ask(feeders, START, BUCKET)).toBeNull();
    expect(await ask(feeders, START + BUCKET, BUCKET)).toBeNull();
    expect(await ask(feeders, START + 2 * BUCKET, BUCKET)).toBeCloseTo(6_000, 6);
    expect(await ask(feeders, START - BUCKET, BUCKET)).toBeNull();
  });

  test("goes on after a restart in the row that it left, and holds nothing over a standstill", async () => {
    const first = await open(START);
    await run(first, START, START + 2 * MINUTE);
    await first.close();
    const second = await open(START + 3 * MINUTE);
    await run(second, START + 3 * MINUTE, START + 4 * MINUTE);
    second.sweep(START + 4 * MINUTE + 50_000);
    await second.close();
    const [row] = await state.siteRollups({
      fromMs: START,
      toMs: START + HOUR,
      stepMs: BUCKET,
      site: "farm/feeders",
    });
    expect(row).toMatchObject({ startMs: START, powerCoveredMs: 3 * MINUTE + 10_000 });
    expect(row!.kwh).toBeCloseTo((6 * (3 * 60 + 10)) / 3_600, 9);
  });

  test("waits for a state file that takes nothing", async () => {
    const feeders = await open(START);
    const put = state.putRollups.bind(state);
    state.putRollups = () => Promise.reject(new Error("disk full"));
    await run(feeders, START, START + BUCKET + 2_000);
    await new Promise((resolve) => setImmediate(resolve));
    state.putRollups = put;
    await feeders.close();
    const rows = await state.siteRollups({
      fromMs: START,
      toMs: START + HOUR,
      stepMs: BUCKET,
      site: "farm/feeders",
    });
    expect(rows.map(({ startMs }) => startMs)).toEqual([START, START + BUCKET]);
  });

  test("is none for a site without meters", async () => {
    const feeders = await open(START);
    expect(await feeders.power("elsewhere", { fromMs: 0, toMs: 1, stepMs: 1 })).toBeUndefined();
  });
});

test("steps are the same in whatever order they are asked for", () => {
  const power = powerOver(
    Array.from({ length: 24 }, (_, i) => ({
      startMs: i * HOUR + (i === 5 ? 2 * MINUTE : 0),
      stepMs: HOUR - (i === 5 ? 2 * MINUTE : 0),
      coveredMs: i === 7 ? 0 : HOUR - (i === 5 ? 2 * MINUTE : 0),
      kwh: i === 5 ? 5 * (58 / 60) : i,
    })),
  );
  const hours = [3, 4, 23, 0, 5, 12, 11, 7];
  expect(hours.map((hour) => power(hour * HOUR, HOUR))).toEqual(
    hours.map((hour) => (hour === 7 ? null : expect.closeTo(hour * 1_000, 6))),
  );
  expect(power(10 * HOUR, 2 * HOUR)).toBeCloseTo(10_500, 6);
  expect(power(2 * HOUR + BUCKET, BUCKET)).toBeCloseTo(2_000, 6);
});

test("a step that is not over is judged by its part up to now", () => {
  const power = powerOver([{ startMs: 0, stepMs: MINUTE, coveredMs: MINUTE, kwh: 0.1 }]);
  expect(power(0, HOUR)).toBeCloseTo(6_000, 6);
  expect(power(BUCKET, BUCKET)).toBeNull();
});
