import { expect, test } from "vitest";
import { DevFeeMeter } from "../../fleet/devFeeMeter.js";
import { newRigView, type RigView } from "../../fleet/rigView.js";
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
  const [fee, of] = await devFees(() => views).fetch({ nowMs: NOW } as never, undefined as never);
  expect(fee).toMatchObject({ series: "devFee/farm", slots: [{ startMs: NOW, value: (2 + 12) / 800 }] });
  expect(of).toMatchObject({ series: "devFeeOf/farm", slots: [{ value: 0.5, note: "of 2 rigs over 23 h" }] });
  expect(await devFees(() => [view(3, 400)]).fetch({ nowMs: NOW } as never, undefined as never)).toEqual([]);
});
