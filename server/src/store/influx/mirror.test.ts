import { type FakeClock, fakeClock } from "@hashwatt/protocol/time";
import fc from "fast-check";
import { pino } from "pino";
import { beforeEach, describe, expect, test } from "vitest";
import { ServerError } from "../../error.js";
import { Points } from "../../fixtures/influxPoints.js";
import { BUCKET_MS, HOUR_MS, type RollupRow, type SiteRollupRow } from "../../rollup/row.js";
import { MemoryStateStore } from "../state/memory.js";
import { RollupMirror } from "./mirror.js";
import { forgetMirror } from "./mirrorSetting.js";
import { rigRollupLine, siteRollupLine } from "./rollupLines.js";

const START = Date.UTC(2026, 10, 26);
const RIGS = [1, 2, 3].map((rig) => ({ rig, site: rig < 3 ? "north" : "south" }));

const row = (rig: number, startMs: number, kwh: number, stepMs = BUCKET_MS): RollupRow => ({
  rig,
  startMs,
  stepMs,
  samples: 60,
  coveredMs: stepMs,
  miningMs: stepMs,
  hashCoveredMs: 0,
  thsHours: 0,
  powerCoveredMs: stepMs,
  kwh,
  kwhBySource: [0, 0, 0, kwh, 0],
  powerW: { min: 1, mean: 2, max: 3 },
});
const siteRow = (site: string, startMs: number, kwh: number, stepMs = BUCKET_MS): SiteRollupRow => ({
  site,
  algo: "SHA256",
  startMs,
  stepMs,
  rigMs: stepMs,
  coveredMs: stepMs,
  miningMs: stepMs,
  hashCoveredMs: 0,
  hashSpanMs: 0,
  thsHours: 0,
  powerCoveredMs: stepMs,
  powerSpanMs: stepMs,
  kwh,
  kwhBySource: [0, 0, 0, kwh, 0],
});

describe("the mirror of rollups", () => {
  let clock: FakeClock;
  let state: MemoryStateStore;
  let points: Points;
  let mirror: RollupMirror;

  const open = async () => {
    mirror = new RollupMirror({
      influx: points,
      state,
      rigs: () => RIGS,
      sites: () => [{ site: "north" }, { site: "south" }],
      lost: () => undefined,
      isAway: () => points.away,
      clock,
      log: pino({ level: "silent" }),
    });
    await mirror.load();
  };
  /** As the roller does. */
  const put = async (rigs: RollupRow[], sites: SiteRollupRow[] = []) => {
    await mirror.around(rigs, sites, () => state.putRollups(rigs, sites));
  };
  /** What the InfluxDB must hold: every row of the state. */
  const wanted = async () => {
    const lines = new Map<string, string>();
    const add = (database: string, line: string) => {
      const [series, fields, time] = line.split(" ");
      lines.set(`${database} ${series} ${time}`, fields!);
    };
    for (const [stepMs, database] of [
      [BUCKET_MS, "hashwatt_5m"],
      [HOUR_MS, "hashwatt_1h"],
    ] as const) {
      const all = { fromMs: 0, toMs: START * 2, stepMs };
      for (const each of await state.rollups(all))
        add(database, rigRollupLine(each, RIGS[each.rig - 1]!.site));
      for (const site of ["north", "south"])
        for (const each of await state.siteRollups({ ...all, site })) add(database, siteRollupLine(each));
    }
    return lines;
  };

  beforeEach(async () => {
    clock = fakeClock(START);
    state = new MemoryStateStore();
    points = new Points();
    await open();
  });

  test("writes every row as its step closes, and again when it has changed", async () => {
    await put([row(1, START, 1), row(3, START, 2)], [siteRow("north", START, 1)]);
    await put([row(1, START, 9, HOUR_MS)], [siteRow("north", START, 9, HOUR_MS)]);
    await mirror.step();
    expect(points.held).toEqual(await wanted());
    expect(points.held.size).toBe(5);
    await put([row(1, START, 1.5)]);
    await mirror.step();
    expect(points.held).toEqual(await wanted());
    const { writes } = points;
    await mirror.step();
    expect(points.writes).toBe(writes);
    expect(mirror.pending).toBe(0);
  });

  test("leaves no hole whatever fails and whenever the server ends, and writes nothing that is not so", async () => {
    const event = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ put: fc.integer({ min: 0, max: 40 }), kwh: fc.integer({ min: 1, max: 99 }) }),
      },
      { weight: 2, arbitrary: fc.record({ away: fc.boolean() }) },
      { weight: 2, arbitrary: fc.constant({ restart: "crash" as const }) },
      { weight: 1, arbitrary: fc.constant({ restart: "end" as const }) },
      { weight: 3, arbitrary: fc.constant({ wait: true }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
        state = new MemoryStateStore();
        points = new Points();
        await open();
        for (const each of events) {
          if ("put" in each) {
            const startMs = START - each.put * BUCKET_MS;
            await put([row(1 + (each.put % 3), startMs, each.kwh)], [siteRow("south", startMs, each.kwh)]);
            if (each.put % 12 === 0) await put([row(2, startMs, each.kwh, HOUR_MS)]);
          } else if ("away" in each) points.away = each.away;
          else if ("wait" in each) {
            await clock.advance(61_000);
            await mirror.step();
          } else {
            if (each.restart === "end") await mirror.close();
            await open();
          }
        }
        points.away = false;
        await clock.advance(61_000);
        await mirror.step();
        expect(points.held).toEqual(await wanted());
        expect(mirror.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("takes no row for written that is only about to be", async () => {
    let write: () => void = () => undefined;
    const row1 = row(1, START, 1);
    const putting = mirror.around([row1], [], async () => {
      await new Promise<void>((resolve) => {
        write = resolve;
      });
      await state.putRollups([row1], []);
    });
    const step = mirror.step();
    await clock.advance(1_000);
    write();
    await putting;
    await step;
    await mirror.step();
    expect(points.held).toEqual(await wanted());
    expect(points.held.size).toBe(1);
    await expect(mirror.around([row1], [], () => Promise.reject(new Error("full")))).rejects.toThrow("full");
    await mirror.step();
    expect(mirror.pending).toBe(0);
  });

  test("says why it does not work, tries ever more seldom, and holds nothing but times meanwhile", async () => {
    points.away = true;
    for (let i = 0; i < 200; i++) await put([row(1, START + i * BUCKET_MS, i)]);
    for (let s = 0; s < 600; s += 5) {
      await clock.advance(5_000);
      await mirror.step();
    }
    expect(mirror.problem).toBe("no answer");
    expect(points.writes).toBeLessThan(20);
    expect(mirror.pending).toBe(200);
    expect((await state.setting("influx.mirror"))!.length).toBeLessThan(200);
    points.away = false;
    await clock.advance(60_000);
    await mirror.step();
    expect(mirror.problem).toBeUndefined();
    expect(points.held).toEqual(await wanted());
    expect(points.writes).toBeLessThan(25);
  });

  test("goes on with its next step once the InfluxDB works for others again, and says so", async () => {
    points.away = true;
    await put([row(1, START, 1)]);
    for (let s = 0; s < 600; s += 5) {
      await clock.advance(5_000);
      await mirror.step();
    }
    const { writes } = points;
    points.away = false;
    await mirror.step();
    expect(mirror.problem).toBeUndefined();
    expect(points.writes).toBe(writes + 1);
    expect(points.held).toEqual(await wanted());
  });

  test("that has nothing left to write has no problem either", async () => {
    points.away = true;
    await put([row(1, START, 1)]);
    await mirror.step();
    expect(mirror.problem).toBe("no answer");
    // Longer than the InfluxDB keeps it.
    await clock.advance(401 * 86_400_000);
    await mirror.step();
    expect(mirror.pending).toBe(0);
    expect(mirror.problem).toBeUndefined();
  });

  test("begins with all there is for an InfluxDB that it did not write to, and after times without one", async () => {
    for (let i = 0; i < 50; i++) await put([row(1, START + i * BUCKET_MS, i)]);
    await mirror.step();
    await mirror.close();
    points = new Points();
    Object.assign(points, { url: "http://other:8086" });
    await open();
    await mirror.step();
    expect(points.held).toEqual(await wanted());
    await mirror.close();

    await forgetMirror(state);
    await state.putRollups([row(2, START + 7 * BUCKET_MS, 5)], []);
    await open();
    await mirror.step();
    expect(points.held).toEqual(await wanted());
  });

  test("writes all rows of a database again that was found missing, while it runs and across a crash", async () => {
    await put([row(1, START, 1), row(1, START + 500 * BUCKET_MS, 2), row(1, START, 9, HOUR_MS)]);
    await mirror.step();
    for (const crash of [false, true]) {
      points.held.clear();
      for (const name of ["hashwatt_5m", "hashwatt_1h"]) points.absent.add(name);
      if (crash) {
        points.away = true;
        await mirror.step();
        await open();
        points.away = false;
      }
      await mirror.step();
      expect(points.held).toEqual(await wanted());
      expect(points.held.size).toBe(3);
    }
    const { writes } = points;
    await mirror.step();
    expect(points.writes).toBe(writes);
  });

  test("writes nothing that the database no longer keeps", async () => {
    const old = START - 401 * 86_400_000;
    await put([row(1, old, 1), row(1, START, 1), row(1, old - (old % HOUR_MS), 7, HOUR_MS)]);
    await mirror.step();
    expect([...points.held.keys()].sort()).toEqual([
      `hashwatt_1h rig,rig=r1,site=north ${old}`,
      `hashwatt_5m rig,rig=r1,site=north ${START}`,
    ]);
    expect(mirror.pending).toBe(0);
  });

  test("lets no row be written that it could not note, not even at the second try", async () => {
    const { putSetting } = state;
    state.putSetting = () => Promise.reject(new ServerError("storeFull", "no room"));
    for (let tries = 0; tries < 2; tries++)
      await expect(put([row(1, START, 1)])).rejects.toMatchObject({ code: "storeFull" });
    state.putSetting = putSetting;
    await put([row(1, START, 1)]);
    await open();
    await mirror.step();
    expect(points.held).toEqual(await wanted());
    expect(points.held.size).toBe(1);
  });
});
