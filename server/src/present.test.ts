import type { AlertView } from "@hashwatt/protocol/http";
import type { RigStatus } from "@hashwatt/protocol/sample";
import { describe, expect, test } from "vitest";
import { loadPresent } from "./present.js";
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
) {
  const [telemetry, state] = [new MemoryTelemetryStore(), new MemoryStateStore()];
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
});
