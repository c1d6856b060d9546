import { describe, expect, test } from "vitest";
import { AlertedFleet, type AlertedOptions } from "../support/alertedFleet.js";

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 15, 9);

interface Row extends Partial<AlertedOptions> {
  scenario: string;
  minutes: number;
  /** Minutes at which the server is ended and started again, each in a run of its own. */
  restarts: readonly number[];
  /** Rules that the run without a restart must tell of, so that the comparison says something. */
  rules: readonly string[];
}

const TABLE: readonly Row[] = [
  {
    scenario: "fan-failure",
    minutes: 45,
    restarts: [2, 8, 15, 25],
    rules: ["fanStopped", "overheating", "rebootLoop"],
  },
  { scenario: "board-dies", minutes: 30, restarts: [8, 13, 20], rules: ["chipsMissing", "boardMissing"] },
  { scenario: "heat-wave", minutes: 60, restarts: [20, 40], rules: ["overheating", "hot", "inletWarm"] },
  { scenario: "pool-outage", minutes: 30, restarts: [3, 10, 24], rules: ["poolDown"] },
  { scenario: "wrong-pool", minutes: 20, restarts: [2, 10], rules: ["wrongPool"] },
  { scenario: "site-outage-and-inrush", rigs: 24, minutes: 30, restarts: [8, 14], rules: ["siteOutage"] },
  { scenario: "partition-one-hour", minutes: 75, restarts: [30], rules: ["siteOutage"] },
  { scenario: "curtailment-day", minutes: 75, restarts: [30, 60], rules: [] },
  {
    ...{ scenario: "hashrate-theft", rigs: 3, set: { "hashrate-theft.rigs": "rack-1/2" } },
    ...{ minutes: 300, restarts: [90, 250], rules: ["acceptedLow"] },
  },
];

/** What was told, whatever the minute. */
function told({ minutes, restarts: _, rules: __, ...options }: Row, restartMs?: number): string[] {
  const fleet = new AlertedFleet({
    ...{ rigs: 12, seed: "table", startMs: START, intervalMs: 60_000, sweepMs: 15_000 },
    ...options,
    ...(restartMs !== undefined && { restartMs }),
  });
  fleet.runTo(minutes * MINUTE);
  return fleet.told.map(({ rule, name, state }) => `${rule} of ${name} ${state}`).sort();
}

describe("a restart of the server neither doubles nor misses a notification", () => {
  test.each(TABLE)("$scenario", (row) => {
    const without = told(row);
    expect(row.rules.filter((rule) => !without.some((each) => each.startsWith(`${rule} of `)))).toEqual([]);
    for (const minute of row.restarts)
      expect({ minute, told: told(row, minute * MINUTE) }).toEqual({ minute, told: without });
  });
});
