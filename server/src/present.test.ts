import type { AlertView } from "@hashwatt/protocol/http";
import type { RigStatus } from "@hashwatt/protocol/sample";
import { describe, expect, test } from "vitest";
import { loadPresent } from "./present.js";
import type { RollupRow } from "./rollup/row.js";
import { MemoryTelemetryStore } from "./store/memory.js";
import { MemoryStateStore } from "./store/state/memory.js";

const NOW = Date.UTC(2026, 10, 26, 12);
const MINUTE = 60_000;
const DAY = 86_400_000;

/** The stores of a server that stopped a moment ago; readings are ages in minutes with a status. */
async function restart(
  firstSeenMs: number,
  readings: readonly [number, RigStatus][],
  alerts: AlertView[] = [],
  state = new MemoryStateStore(),
) {
  const telemetry = new MemoryTelemetryStore();
  const place = { site: "hall", agent: "a1", handle: "h1" };
  await state.putRigs([
    {
      rig: 1,
      ...place,
      name: "10.0.0.5",
      evidence: { address: "10.0.0.5" },
      aliases: [{ kind: "address", value: "hall/a1/h1" }],
      firstSeenMs,
      lastSeenMs: firstSeenMs,
    },
  ]);
  await state.putAlerts(alerts);
  const samples = readings.map(([minutes, status]) => {
    const atMs = NOW - minutes * MINUTE;
    return { rig: 1, receivedMs: atMs, sample: { atMs, intervalMs: 60_000, status } };
  });
  await telemetry.append({ samples, marks: [] });
  return loadPresent([], { telemetry, state }, NOW);
}

describe("the present after a restart", () => {
  test("knows when a rig that is unreachable last answered", async () => {
    const { fleet } = await restart(NOW - 30 * DAY, [
      [130, "mining"],
      [120, "mining"],
      [119, "unreachable"],
      [1, "unreachable"],
    ]);
    expect(fleet.view(1)).toMatchObject({ answeredMs: NOW - 120 * MINUTE });
  });

  test.each([
    ["an outage longer than it looks back", NOW - 30 * DAY, true],
    ["a rig that was added within that time and never answered", NOW - 60 * MINUTE, false],
  ])("of %s it tells what it does not know", async (_what, firstSeenMs, mayHaveAnswered) => {
    const { fleet } = await restart(firstSeenMs, [[1, "unreachable"]]);
    expect(fleet.view(1)).toMatchObject({ answeredMs: undefined, mayHaveAnswered });
  });

  test("of a rig without any reading left it does not say that it never answered", async () => {
    const { fleet } = await restart(NOW - DAY / 2, []);
    expect(fleet.view(1)).toMatchObject({ answeredMs: undefined, mayHaveAnswered: true });
  });

  test("an outage that fired before goes on from where it began", async () => {
    const firing: AlertView = {
      id: "x",
      rule: "offline",
      severity: "money",
      state: "firing",
      site: "hall",
      rig: 1,
      subject: { kind: "rig", id: "r1", name: "10.0.0.5" },
      rigName: "10.0.0.5",
      pendingMs: NOW - 120 * MINUTE,
      firedMs: NOW - 115 * MINUTE,
      resolvedMs: null,
      value: 115,
      limit: 5,
      unit: "min",
      reason: "No answer",
      lossPerH: null,
    };
    const readings: [number, RigStatus][] = [
      [120, "mining"],
      [1, "unreachable"],
    ];
    const { fleet, book, rates } = await restart(NOW - 30 * DAY, readings, [firing]);
    const nowMs = NOW + 2 * MINUTE;
    const heardSinceMs = NOW + 1_000;
    book.sweep(fleet.view(1)!, { nowMs, heardSinceMs, rates: (site) => rates.now(site, nowMs) });
    expect(book.open(1)).toMatchObject([
      {
        value: 122,
        reason: "No answer: agent a1 gets no answer at 10.0.0.5; last answer 2026-11-26 10:00 UTC",
      },
    ]);
  });

  describe("of a rig that does not answer", () => {
    const row = (startMs: number, stepMs: number, over: Partial<RollupRow> = {}): RollupRow => ({
      rig: 1,
      startMs,
      stepMs,
      algo: "sha256",
      samples: 60,
      coveredMs: stepMs,
      miningMs: stepMs,
      hashCoveredMs: stepMs,
      thsHours: 0,
      powerCoveredMs: stepMs,
      kwh: 0,
      kwhBySource: [],
      hashrateThs: { min: 0, mean: 200, max: 0 },
      powerW: { min: 0, mean: 3_000, max: 0 },
      ...over,
    });
    const recalled = async (rows: RollupRow[], priced = true, state = new MemoryStateStore()) => {
      await state.putSite({ site: "hall", name: "Hall", zone: "UTC", currency: "USD", demo: false });
      if (priced)
        await state.putTariff({
          site: "hall",
          validFromMs: 0,
          pricePerKwh: 0.06,
          currency: "USD",
          source: "contract",
          demo: false,
        });
      await state.putRollups(rows, []);
      const { fleet, rates } = await restart(NOW - 30 * DAY, [[1, "unreachable"]], [], state);
      return { profitPerH: fleet.view(1)?.lastProfitPerH, rates: rates.now("hall", NOW) };
    };
    const half = { hashrateThs: { min: 0, mean: 100, max: 0 } };

    test.each([
      [
        "the newest five minutes in which it mined",
        [row(NOW - 60 * MINUTE, 300_000, half), row(NOW - 55 * MINUTE, 300_000)],
      ],
      [
        "an hour of the last day",
        [row(NOW - 600 * MINUTE, 3_600_000, half), row(NOW - 540 * MINUTE, 3_600_000)],
      ],
      [
        "no time in which it hardly mined",
        [row(NOW - 60 * MINUTE, 300_000), row(NOW - 55 * MINUTE, 300_000, { ...half, miningMs: 30_000 })],
      ],
    ])("it knows what that costs by %s", async (_what, rows) => {
      const { profitPerH, rates } = await recalled(rows);
      expect(profitPerH).toBeCloseTo(200 * rates.hashpricePerThH! - 3 * 0.06, 12);
    });

    test("it knows what that costs with the fee that its firmware was measured to take", async () => {
      const state = new MemoryStateStore();
      const slot = { startMs: NOW - DAY, endMs: NOW + DAY, source: "measured", asOfMs: NOW - DAY };
      await state.rateSeries.put("devFee/hall", [{ ...slot, value: 0.01 }]);
      await state.rateSeries.put("devFeeOf/hall", [{ ...slot, value: 0.5 }]);
      await state.ledger.devFees.put([
        {
          ...{ rig: 1, fromMs: NOW - 60 * MINUTE, share: 0.02, sinceMs: NOW - 180 * MINUTE },
          ...{ toMs: NOW - 61 * MINUTE, acceptedDiff: 1_000, devFeeDiff: 20 },
        },
      ]);
      const { profitPerH, rates } = await recalled([row(NOW - 60 * MINUTE, 300_000)], true, state);
      const { before } = rates.rigPools!;
      expect(profitPerH).toBeCloseTo(200 * before.perThH * (1 - 0.02) - 3 * 0.06, 12);
    });

    test("it does not know what that costs without a price or a time in which it mined", async () => {
      expect((await recalled([row(NOW - 60 * MINUTE, 300_000)], false)).profitPerH).toBeUndefined();
      expect((await recalled([row(NOW - 2 * DAY, 3_600_000)])).profitPerH).toBeUndefined();
    });
  });
});
