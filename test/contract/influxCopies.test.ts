import { type FakeClock, fakeClock, systemClock } from "@hashwatt/protocol/time";
import { foldHours } from "@hashwatt/server/rollup/fold";
import { rollups } from "@hashwatt/server/rollup/rollup";
import { HOUR_MS, type RollupRow, type SiteRollupRow } from "@hashwatt/server/rollup/row";
import { type CopyPosition, copyHistory } from "@hashwatt/server/store/copy/copyHistory";
import { openSide } from "@hashwatt/server/store/copy/openSide";
import { Influx } from "@hashwatt/server/store/influx/influx";
import { addLines } from "@hashwatt/server/store/influx/lines";
import { RollupMirror } from "@hashwatt/server/store/influx/mirror";
import { rigRollupLine, siteRollupLine } from "@hashwatt/server/store/influx/rollupLines";
import { MemoryTelemetryStore } from "@hashwatt/server/store/memory";
import { rawRow } from "@hashwatt/server/store/rawRow";
import { MemoryStateStore } from "@hashwatt/server/store/state/memory";
import type { StoredSample } from "@hashwatt/server/store/store";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeTrouble } from "../support/fakeHttp.js";
import { startFakeInflux2 } from "../support/fakeInflux2.js";
import { startFakeInflux3 } from "../support/fakeInflux3.js";
import { DAY_MS, fleetDay } from "./support/day.js";
import { influxConfig } from "./support/influxStore.js";

const RIGS = [1, 2, 3].map((rig) => ({ rig, site: rig < 3 ? "north" : "south" }));
const KEEP = { rawDays: 7, rollupDays: 400 };
/** The made-up day as though it ended a little while ago. */
const SHIFT_MS = Math.floor((Date.now() - DAY_MS) / HOUR_MS) * HOUR_MS - 4 * HOUR_MS;
const day: StoredSample[] = fleetDay({ seed: 17, rigs: RIGS.length, hours: 2, intervalMs: 20_000 }).map(
  (stored) => ({
    ...stored,
    site: RIGS[stored.rig - 1]!.site,
    receivedMs: stored.receivedMs + SHIFT_MS,
    sample: { ...stored.sample, atMs: stored.sample.atMs + SHIFT_MS },
  }),
);
const linesOf = (samples: readonly StoredSample[]): string[] => {
  const lines: string[] = [];
  for (const stored of samples) addLines(stored, lines);
  return lines;
};
const sorted = (lines: Iterable<string>) => [...new Set(lines)].sort();

/** A fake of one version: what it holds, by database. */
interface Fake {
  keys: Record<string, unknown>;
  held(database: string): readonly string[];
  answer(beginning: string, series: unknown[]): void;
  trouble(trouble: FakeTrouble | undefined): void;
  close(): Promise<void>;
  readonly unexpected: readonly string[];
}

async function fake2(): Promise<Fake> {
  const fake = await startFakeInflux2({ tokens: { t: { read: "all", write: "all", manage: true } } });
  return {
    keys: { url: fake.url, org: "mine", token: "t" },
    held: (database) => fake.buckets.find(({ name }) => name === database)?.lines ?? [],
    answer: (beginning, series) => void fake.answers.set(beginning, series),
    trouble: (trouble) => {
      fake.trouble = trouble;
    },
    close: () => fake.close(),
    unexpected: fake.unexpected,
  };
}

async function fake3(): Promise<Fake> {
  const fake = await startFakeInflux3({ tokens: { t: { admin: true } } });
  return {
    keys: { url: fake.url, token: "t" },
    // This one keeps the lines of all databases together; those of 5 minutes and of hours differ in what they say.
    held: () => fake.lines,
    answer: (beginning, series) => void fake.answers.set(beginning, series),
    trouble: (trouble) => {
      fake.trouble = trouble;
    },
    close: () => fake.close(),
    unexpected: fake.unexpected,
  };
}

describe.each([
  ["2.x", fake2],
  ["3", fake3],
] as const)("InfluxDB %s", (version, start) => {
  let fake: Fake;
  beforeEach(async () => {
    fake = await start();
  });
  afterEach(async () => {
    await fake.close();
    expect(fake.unexpected).toEqual([]);
  });

  const side = (role: "source" | "target") =>
    openSide({ kind: "influxdb", own: false, id: "there", influx: influxConfig(fake.keys) }, role, {
      own: new MemoryTelemetryStore(),
      state: new MemoryStateStore(),
      keep: KEEP,
      clock: systemClock,
    });

  it("takes a copy whole, one that was cut off goes on where it has stopped", async () => {
    const source = new MemoryTelemetryStore();
    await source.append({ samples: day, marks: [] });
    await using target = await side("target");
    let position: CopyPosition | undefined;
    const run = () =>
      copyHistory({
        source,
        target: target.store,
        overwrites: true,
        fromMs: 0,
        position: position && { ...position },
        keep: async (kept) => {
          position = kept;
        },
        nowMs: Date.now(),
        signal: new AbortController().signal,
        progress: () => undefined,
      });
    let writes = 0;
    fake.trouble(() => (++writes > 1 ? { status: 503, body: "overloaded" } : undefined));
    await expect(run()).rejects.toMatchObject({ code: "storeFailed", retryable: true });
    expect(fake.held("hashwatt").length).toBeLessThan(linesOf(day).length);
    fake.trouble(undefined);
    await run();
    expect(sorted(fake.held("hashwatt"))).toEqual(sorted(linesOf(day)));
    expect(position?.samples).toBe(day.length);
    expect(target.lost.count).toBe(0);
    expect(await run()).toMatchObject({ copied: 0 });
  });

  it("gives its readings to a copy", async () => {
    const atMs = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
    const whole = { columns: ["time", "first"], values: [[atMs, 5_000]] };
    fake.answer("SELECT first(intervalMs)", [whole]);
    fake.answer("SELECT last(intervalMs)", [{ ...whole, columns: ["time", "last"] }]);
    fake.answer("SELECT count(intervalMs)", [{ columns: ["time", "count"], values: [[0, 2]] }]);
    fake.answer("SHOW FIELD KEYS", [{ columns: ["fieldKey"], values: [["status"], ["powerW"], ["fan0"]] }]);
    const columns = ["time", "rig", "status", "lagMs", "intervalMs", "powerW", "fan0"];
    fake.answer('SELECT "status"', [
      {
        name: "rig",
        columns,
        values: [
          [atMs, "r1", "mining", 60, 5_000, 3_000, 5_200],
          [atMs, "r2", "unreachable", 60, 5_000, null, null],
        ],
      },
    ]);
    fake.answer('SELECT "board"', []);
    fake.answer('SELECT "slot"', [
      { name: "board", columns: ["time", "rig", "slot", "chips"], values: [[atMs, "r1", 2, 114]] },
    ]);
    // A source is never made, so that it must be there.
    const owner = new Influx({ config: influxConfig(fake.keys), clock: systemClock, keep: KEEP });
    await owner.ready();
    owner.close();
    await using source = await side("source");
    const samples = await source.store.samples({ fromMs: atMs - 60_000, toMs: atMs + 60_000 });
    expect(samples).toEqual([
      {
        rig: 1,
        receivedMs: atMs + 60,
        sample: expect.objectContaining({
          status: "mining",
          powerW: 3_000,
          boards: [expect.objectContaining({ slot: 2, chips: 114 })],
        }),
      },
      { rig: 2, receivedMs: atMs + 60, sample: expect.objectContaining({ status: "unreachable" }) },
    ]);
    expect(await source.store.count({ fromMs: atMs, toMs: atMs + 1 })).toBe(2);
    expect(await source.store.span()).toEqual({ fromMs: atMs, toMs: atMs });
  });

  describe("holds the mirror of rollups", () => {
    const toMs = DAY_MS + SHIFT_MS + 2 * HOUR_MS;
    const fine = RIGS.flatMap(({ rig }) =>
      rollups(day.filter((stored) => stored.rig === rig).map(rawRow), DAY_MS + SHIFT_MS, toMs),
    );
    const rigs: RollupRow[] = [...fine, ...foldHours(fine)];
    const sites: SiteRollupRow[] = rigs
      .filter(({ rig }) => rig === 1)
      .map(({ startMs, stepMs }) => ({
        site: "north",
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
        kwh: 1,
        kwhBySource: [0, 0, 0, 1, 0],
      }));
    const wanted = (stepMs: number) => [
      ...rigs
        .filter((row) => row.stepMs === stepMs)
        .map((row) => rigRollupLine(row, RIGS[row.rig - 1]!.site)),
      ...sites.filter((row) => row.stepMs === stepMs).map((row) => siteRollupLine(row)),
    ];
    let clock: FakeClock;
    let mirror: RollupMirror;
    beforeEach(async () => {
      clock = fakeClock(Date.now());
      const state = new MemoryStateStore();
      mirror = new RollupMirror({
        influx: new Influx({ config: influxConfig(fake.keys), clock: systemClock, keep: KEEP }),
        state,
        rigs: () => RIGS,
        sites: () => [{ site: "north" }, { site: "south" }],
        lost: ({ why }) => expect.unreachable(why),
        clock,
        log: pino({ level: "silent" }),
      });
      await mirror.load();
      await mirror.around(rigs, sites, () => state.putRollups(rigs, sites));
    });
    afterEach(() => mirror.close());

    it("whole, in databases by the length of their steps", async () => {
      await mirror.step();
      expect(mirror.problem).toBeUndefined();
      if (version === "3")
        expect(sorted(fake.held(""))).toEqual(sorted([...wanted(300_000), ...wanted(HOUR_MS)]));
      else {
        expect(sorted(fake.held("hashwatt_5m"))).toEqual(sorted(wanted(300_000)));
        expect(sorted(fake.held("hashwatt_1h"))).toEqual(sorted(wanted(HOUR_MS)));
      }
    });

    it("after an outage too, in which it says why nothing is written", async () => {
      fake.trouble(() => ({ status: 503, body: "starting" }));
      await mirror.step();
      expect(mirror.problem).toContain("overloaded or not ready");
      expect(mirror.pending).toBeGreaterThan(0);
      fake.trouble(undefined);
      await clock.advance(60_000);
      await mirror.step();
      expect([mirror.problem, mirror.pending]).toEqual([undefined, 0]);
      expect(sorted([...fake.held("hashwatt_5m"), ...fake.held("hashwatt_1h")])).toEqual(
        sorted([...wanted(300_000), ...wanted(HOUR_MS)]),
      );
    });
  });
});
