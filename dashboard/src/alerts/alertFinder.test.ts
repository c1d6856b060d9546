import type { AlertView } from "@hashwatt/protocol/http";
import { expect, test } from "vitest";
import { alertFinder } from "./alertFinder.js";

const alert = (told: Partial<AlertView>): AlertView => ({
  ...{ id: "a", rule: "overheating", severity: "danger", state: "firing", site: "north" },
  ...{
    subject: { kind: "rig", id: "r3", name: "10.0.0.3" },
    model: "Antminer S19",
    pendingMs: 0,
    firedMs: 0,
  },
  ...{ resolvedMs: null, value: null, limit: null, unit: "", reason: "Chip 99 °C", lossPerH: null },
  ...told,
});
const more = () => ["过热"];

test("a text finds the alerts in which all of its words stand, whatever the case and wherever", () => {
  const finds = (text: string, told: Partial<AlertView> = {}) => alertFinder(text, more)(alert(told));
  expect(
    ["", "  ", "s19", "NORTH 10.0.0.3", "chip 99", "danger", "过热"].filter((text) => !finds(text)),
  ).toEqual([]);
  expect(["s21", "north s21", "10.0.0.4"].filter((text) => finds(text))).toEqual([]);
  const members = { count: 2, peak: 2, subjects: [{ kind: "rig" as const, id: "r9", name: "hall-9" }] };
  expect(finds("hall-9", { members })).toBe(true);
  expect(finds("on my way", { ack: { by: "ann", atMs: 0, note: "on my way" } })).toBe(true);
});
