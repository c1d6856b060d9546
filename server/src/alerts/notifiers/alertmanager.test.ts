import { expect, test } from "vitest";
import { testAlert } from "../../fixtures/alert.js";
import { alertmanagerAlerts } from "./alertmanager.js";

const world = { siteName: (site: string) => site, zoneOf: () => "UTC" };
const labelsOf = (alert: ReturnType<typeof testAlert>) => {
  const [told] = alertmanagerAlerts({ v: 1, sentMs: 1, alerts: [alert], more: 0 }, world);
  return told as { labels: object; annotations: { name: string } };
};

test("a group keeps its labels, by which Alertmanager knows it, when it grows and takes in another row", () => {
  const group = (kind: "rack" | "row", count: number) =>
    labelsOf(
      testAlert("g", {
        subject: { kind, id: "north/offline", name: `${count} rigs of ${kind}-3` },
        members: { count, peak: count, subjects: [] },
      }),
    );
  const [first, later] = [group("rack", 7), group("row", 70)];
  expect(first.labels).toMatchObject({ alertname: "offline", subject: "north/offline", kind: "group" });
  expect(later.labels).toEqual(first.labels);
  expect(later.annotations.name).toBe("70 rigs of row-3");
});

test("a rig that is renamed is the same there", () => {
  const named = (name: string) => labelsOf(testAlert("a", { subject: { kind: "rig", id: "r1", name } }));
  const [first, later] = [named("old"), named("new")];
  expect(first.labels).toMatchObject({ subject: "r1", kind: "rig" });
  expect(later.labels).toEqual(first.labels);
  expect(later.annotations.name).toBe("new");
});
