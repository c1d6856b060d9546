import { expect, test } from "vitest";
import { MemoryRateSeries } from "../../store/state/memoryRateSeries.js";
import { RateSeries } from "../rateSeries.js";
import type { Slot } from "../slot.js";
import { networkView } from "./networkView.js";

const NOW = Date.UTC(2026, 10, 26);
const slot = (value: number, startMs = NOW, endMs = Number.POSITIVE_INFINITY): Slot => ({
  startMs,
  endMs,
  value,
  source: "test",
  asOfMs: startMs,
});

test("the network is known by its series, and no change of difficulty is made up", async () => {
  const series = new RateSeries(new MemoryRateSeries());
  expect(networkView(series, NOW)).toBeUndefined();
  const began = NOW - 546_000_000;
  await series.putAll([
    { series: "network/difficulty", slots: [slot(1e14, began)] },
    { series: "network/height", slots: [slot(2_016 * 478 + 1_000)] },
  ]);
  expect(networkView(series, NOW)).toEqual({
    difficulty: 1e14,
    height: 964_648,
    hashrateHs: (1e14 * 2 ** 32) / 600,
    subsidyBtc: 3.125,
    feesBtc: null,
    blocksPerPhDay: Number("0.000201165676116943359375"),
    impliedFeesBtc: null,
    blocksToRetarget: 1_016,
    retargetPercent: null,
    asOfMs: began,
  });
  await series.putAll([
    { series: "network/difficulty", slots: [slot(9e13, began - 1_000_000, began)] },
    { series: "network/feesBtc", slots: [slot(0.05)] },
    { series: "btc/USD", slots: [slot(100_000)] },
    { series: "hashprice/quote", slots: [slot(64)] },
  ]);
  const view = networkView(series, NOW)!;
  expect(view.feesBtc).toBe(0.05);
  expect(view.retargetPercent).toBeCloseTo(10, 9);
  expect(view.impliedFeesBtc).toBeCloseTo(64 / (100_000 * Number("0.000201165676116943359375")) - 3.125, 12);
});

test("fees are implied by the newest quote, not by one whose source has died", async () => {
  const series = new RateSeries(new MemoryRateSeries());
  await series.putAll([
    { series: "network/difficulty", slots: [slot(1e14)] },
    { series: "network/height", slots: [slot(2_016 * 478)] },
    { series: "btc/USD", slots: [slot(100_000)] },
    { series: "hashprice/a", slots: [slot(90, NOW - 30 * 86_400_000)] },
    { series: "hashprice/b", slots: [slot(64, NOW - 3_600_000)] },
  ]);
  const perBtc = 100_000 * Number("0.000201165676116943359375");
  expect(networkView(series, NOW)!.impliedFeesBtc).toBeCloseTo(64 / perBtc - 3.125, 12);
});
