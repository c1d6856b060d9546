import { expect, test } from "vitest";
import { DevFeeMeter } from "../../fleet/devFeeMeter.js";
import { Fleet } from "../../fleet/fleet.js";
import { newRigView, type RigView } from "../../fleet/rigView.js";
import { MemoryDevFees } from "../../store/state/memoryDevFees.js";
import type { RigRecord } from "../../store/state/state.js";
import { devFees } from "./devFees.js";

const HOUR_MS = 3_600_000;
const NOW = Date.UTC(2026, 10, 26, 12);

/** A meter that has heard counters grow steadily for so many hours, `fee` of each 1,000. */
function metered(hours: number, fee: number, endMs = NOW): DevFeeMeter {
  const meter = new DevFeeMeter();
  for (let at = 0; at <= hours * 60; at++)
    meter.heard({ acceptedDiff: at * 1_000, devFeeDiff: at * fee }, endMs - (hours * 60 - at) * 60_000);
  return meter;
}

test("a firmware's fee is its pools' part of what was accepted, over the last 24 hours, an hour at least", () => {
  expect(metered(0.5, 28).over(NOW)).toBeUndefined();
  expect(metered(3, 28).over(NOW)).toEqual({ share: 0.028, fromMs: NOW - 3 * HOUR_MS, toMs: NOW });
  expect(metered(60, 28).over(NOW)).toEqual({ share: 0.028, fromMs: NOW - 23 * HOUR_MS, toMs: NOW });
  // A day later nothing of it is within the window.
  expect(metered(3, 28).over(NOW + 25 * HOUR_MS)).toBeUndefined();
  // A daemon that begins anew counts from there: the fall is no share of anything.
  const meter = metered(3, 28);
  meter.heard({ acceptedDiff: 10, devFeeDiff: 0 }, NOW + 60_000);
  meter.heard({ acceptedDiff: 1_010, devFeeDiff: 28 }, NOW + 120_000);
  expect(meter.over(NOW + 120_000)?.share).toBeCloseTo(0.028, 12);
});

test("a site has the mean by hashrate, and how much of its hash that was measured of", async () => {
  const view = (rig: number, hashrateThs: number, more: Partial<RigView> = {}): RigView => ({
    ...newRigView({ rig, site: "farm", name: "x", evidence: { address: "x", algo: "SHA256" } } as RigRecord),
    reading: { hashrateThs } as RigView["reading"],
    stale: false,
    ...more,
  });
  const views = [
    view(1, 100, { devFee: metered(24, 20) }),
    view(2, 300, { devFee: metered(24, 40) }),
    view(3, 400),
    view(4, 50, { stale: true, devFee: metered(24, 900) }),
    view(5, 9, { algo: "scrypt", devFee: metered(24, 900) }),
  ];
  const store = new MemoryDevFees();
  const ask = (of: RigView[], nowMs = NOW) =>
    devFees(() => of, store).fetch({ nowMs } as never, undefined as never);
  const [fee, of] = await ask(views);
  expect(fee).toMatchObject({ series: "devFee/farm", slots: [{ startMs: NOW, value: (2 + 12) / 800 }] });
  expect(of).toMatchObject({ series: "devFeeOf/farm", slots: [{ value: 0.5, note: "of 2 rigs over 23 h" }] });
  expect(await ask([view(3, 400)])).toEqual([]);
  // Each rig's own is kept, with what it was measured from, once.
  const kept = await store.since(0);
  expect(kept.map(({ rig, share }) => [rig, share])).toEqual([
    [1, 0.02],
    [2, 0.04],
    [4, 0.9],
    [5, 0.9],
  ]);
  expect(kept[0]).toMatchObject({ fromMs: NOW, sinceMs: NOW - 24 * HOUR_MS, toMs: NOW, devFeeDiff: 28_800 });
  await ask(views, NOW + HOUR_MS);
  expect(await store.since(NOW + 1)).toEqual([]);
});

test("a restart goes on with what was measured before it, and keeps no difficulty twice", async () => {
  const store = new MemoryDevFees();
  const record = { rig: 1, site: "farm", name: "x", evidence: { address: "x", algo: "SHA256" } } as RigRecord;
  const reading = (at: number) =>
    ({
      ...{ hashrateThs: 100, status: "mining", intervalMs: 60_000, ts: 0 },
      shares: { acceptedDiff: at * 1_000, devFeeDiff: at * 25 },
    }) as unknown as NonNullable<RigView["reading"]>;
  const open = () => {
    const fleet = new Fleet({ rates: () => ({}), limits: () => ({}) });
    const view = fleet.putRig(record);
    return { fleet, view, rates: devFees(() => fleet.views(), store) };
  };
  const keep = ({ rates }: ReturnType<typeof open>, nowMs: number) =>
    rates.fetch({ nowMs } as never, undefined as never);
  const first = open();
  const from = NOW - 3 * HOUR_MS;
  for (let minute = 0; minute <= 120; minute++) {
    first.fleet.apply(first.view, reading(minute), from + minute * 60_000);
    if (minute % 60 === 59) await keep(first, from + minute * 60_000);
  }
  // The last minute is lost with its process: it is not kept, and never counted twice.
  const next = open();
  next.fleet.restoreDevFees(await store.since(from - HOUR_MS));
  const atMs = from + 121 * 60_000;
  expect(next.view.devFee?.over(atMs)).toEqual({ share: 0.025, fromMs: from, toMs: from + 119 * 60_000 });
  // No rig has told its hashrate yet: what the site had holds on.
  expect(await keep(next, atMs)).toEqual([]);
  const before = (await store.since(0)).reduce((sum, { acceptedDiff }) => sum + acceptedDiff, 0);
  expect(before).toBe(119_000);
  for (let minute = 121; minute <= 180; minute++)
    next.fleet.apply(next.view, reading(minute), from + minute * 60_000);
  const [later] = await keep(next, NOW);
  expect(later).toMatchObject({ series: "devFee/farm", slots: [{ startMs: NOW, value: 0.025 }] });
  const after = (await store.since(0)).reduce((sum, { acceptedDiff }) => sum + acceptedDiff, 0);
  expect(after).toBe(119_000 + 59_000);
});
