import { plannedStopSchema, type StopTime } from "@hashwatt/protocol/plannedStops";
import { Zone } from "@hashwatt/protocol/zone";
import { describe, expect, test } from "vitest";
import { judgedSite, ratedRig, START } from "../fixtures/judgedSite.js";
import { MemoryStateStore } from "../store/state/memory.js";
import { PlannedStops, STOP_KIND } from "./plannedStops.js";
import { offline } from "./rules/offline.js";
import { stopIgnored } from "./rules/stopIgnored.js";
import { windowsOf } from "./stopCalendar.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function planned(time: StopTime, rigs?: string[]) {
  const it = judgedSite(3, [offline, stopIgnored]);
  const { documents } = new MemoryStateStore();
  const parts = {
    documents,
    sites: { get: (site: string) => (site === "s" ? { zone: "UTC" } : undefined) },
    place: ({ rig }: { rig: number }) => ({ rack: `rack-${rig}`, position: "4" }),
    views: () => it.views,
  };
  const stops = await PlannedStops.open(parts);
  await stops.put("s", "grid", { name: "grid asks", time, ...(rigs && { rigs }) }, START);
  it.context.stop = (view) => stops.at(view, it.context.nowMs);
  return { it, stops, parts };
}
const hour = { fromMs: START + HOUR, toMs: START + 2 * HOUR };

describe("a planned stop", () => {
  test("keeps rules of silence quiet until half an hour after its end; who is not back then is told", async () => {
    const { it } = await planned(hour);
    it.read(3_590, {});
    for (let s = 3_600; s <= 7_200 + 1_790; s += 60) {
      it.read(s, { status: "unreachable" });
      it.pass(s + 30);
    }
    expect(it.told()).toEqual([]);
    it.read(9_000, {}, it.views.slice(1));
    for (let s = 9_005; s <= 9_130; s += 5) {
      it.pass(s);
      const told = it.told();
      if (told.length) {
        expect(told).toMatchObject([{ rule: "offline", rig: 1, state: "firing" }]);
        return;
      }
    }
    throw new Error("a rig that did not come back was never told");
  });

  test("alerts of rigs that draw power in it, and of no other", async () => {
    const { it } = await planned(hour, ["rack-2/*", "rig 3"]);
    for (let s = 3_600; s <= 4_260; s += 60) {
      it.read(s, { powerW: 3_000 }, it.views.slice(0, 2));
      it.read(s, { status: "sleeping", powerW: 20 }, it.views.slice(2));
    }
    expect(it.told()).toEqual([]);
    it.pass(4_330);
    expect(it.told()).toMatchObject([
      {
        rule: "stopIgnored",
        rig: 2,
        value: 3_000,
        reason: 'It draws 3000 W in a planned stop ("grid asks")',
      },
    ]);
  });

  test("is there after a restart, and its time counts as planned", async () => {
    const { stops, parts } = await planned(hour, ["r1"]);
    const again = await PlannedStops.open(parts);
    expect(again.views(START)).toMatchObject([
      { id: "grid", site: "s", phase: null, window: hour, count: 1 },
    ]);
    const range = { fromMs: START, toMs: START + 1.5 * HOUR };
    const plannedMs = (of: PlannedStops, rig: number) =>
      of.windows(ratedRig(rig).record, range).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
    expect([1, 2].map((rig) => plannedMs(again, rig))).toEqual([0.5 * HOUR, 0]);
    await stops.put("s", "b", { name: "overlaps", time: { fromMs: START, toMs: START + 1.2 * HOUR } }, START);
    expect(plannedMs(stops, 1)).toBe(1.5 * HOUR);
    await stops.remove("s", "grid");
    expect(await parts.documents.all(STOP_KIND)).toMatchObject([{ id: "b" }]);
    await expect(stops.remove("s", "grid")).rejects.toThrow('no planned stop "grid"');
    await expect(stops.put("x", "a", { name: "n", time: hour }, START)).rejects.toThrow('no site "x"');
  });
});

describe("a weekly stop", () => {
  const weekly: StopTime = { days: [7], from: "23:00", to: "01:30" };
  const day = (at: number) => new Date(at).toISOString().slice(0, 16);
  const windows = (zone: string, from: string, to: string, time = weekly) =>
    windowsOf(time, Zone.of(zone), { fromMs: Date.parse(from), toMs: Date.parse(to) }).map(
      ({ fromMs, toMs }) => `${day(fromMs)} ${day(toMs)}`,
    );
  test("goes by the clocks of its site, over midnight and over a change of the clocks", () => {
    expect(windows("UTC", "2026-11-22T00:00Z", "2026-11-29T22:00Z")).toEqual([
      "2026-11-22T23:00 2026-11-23T01:30",
    ]);
    expect(windows("Asia/Shanghai", "2026-11-22T16:00Z", "2026-11-22T17:00Z")).toEqual([
      "2026-11-22T15:00 2026-11-22T17:30",
    ]);
    const spring = { days: [7], from: "01:00", to: "04:00" };
    expect(windows("Europe/Berlin", "2026-03-29T00:00Z", "2026-03-29T12:00Z", spring)).toEqual([
      "2026-03-29T00:00 2026-03-29T02:00",
    ]);
  });

  test("is neither left out nor there twice on the day of which the clocks make 23 or 25 hours", () => {
    const night: StopTime = { days: [7], from: "20:00", to: "06:00" };
    // New York puts its clocks on at 2:00 of Sunday, 8 March 2026, and back on Sunday, 1 November.
    expect(windows("America/New_York", "2026-03-09T04:30Z", "2026-03-09T05:00Z", night)).toEqual([
      "2026-03-09T00:00 2026-03-09T10:00",
    ]);
    expect(windows("America/New_York", "2026-10-31T04:30Z", "2026-11-03T05:00Z", night)).toEqual([
      "2026-11-02T01:00 2026-11-02T11:00",
    ]);
  });

  test.each([
    [{ name: "n", time: { fromMs: 2, toMs: 1 } }],
    [{ name: "n", time: { days: [8], from: "10:00", to: "11:00" } }],
    [{ name: "n", time: { days: [1], from: "24:00", to: "11:00" } }],
    [{ name: " ", time: { fromMs: 1, toMs: 2 } }],
  ])("that makes no sense is refused: %j", (told) => {
    expect(plannedStopSchema.safeParse(told).success).toBe(false);
  });
});
