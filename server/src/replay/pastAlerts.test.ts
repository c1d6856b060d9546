import type { AlertView } from "@hashwatt/protocol/http";
import { expect, test } from "vitest";
import { PastAlerts } from "./pastAlerts.js";

const MINUTE_MS = 60_000;
const stored: AlertView = {
  id: "a",
  rule: "overheating",
  severity: "danger",
  state: "resolved",
  site: "north",
  rig: 7,
  subject: { kind: "rig", id: "r7", name: "rig 7" },
  rigName: "rig 7",
  pendingMs: 10 * MINUTE_MS,
  firedMs: 12 * MINUTE_MS,
  resolvedMs: 20 * MINUTE_MS,
  value: 95,
  limit: 85,
  unit: "°C",
  reason: "too hot",
  lossPerH: null,
};

test("an alert is what it was at each moment, and nothing of what came later is told", () => {
  const alerts = new PastAlerts([stored]);
  const at = (minute: number) => {
    const changed = alerts.moveTo(minute * MINUTE_MS).map(({ state }) => state);
    const [alert] = alerts.all();
    return { changed, state: alert?.state, resolvedMs: alert?.resolvedMs, worst: alerts.worst(7) };
  };
  expect(at(9)).toMatchObject({ changed: [], state: undefined, worst: null });
  expect(at(10)).toMatchObject({ changed: ["pending"], state: "pending", resolvedMs: null, worst: null });
  expect(at(13)).toMatchObject({ changed: ["firing"], state: "firing", resolvedMs: null, worst: "danger" });
  expect(at(14)).toMatchObject({ changed: [], state: "firing" });
  expect(alerts.firingCount(7)).toBe(1);
  expect(at(20)).toMatchObject({ changed: ["resolved"], state: "resolved", worst: null });
  expect(alerts.open()).toEqual([]);
  expect(at(20 + 24 * 60)).toMatchObject({ state: undefined });
  // Backwards as well.
  expect(at(13)).toMatchObject({ changed: ["firing"], state: "firing" });
});
