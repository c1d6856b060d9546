import type { AlertView } from "@hashwatt/protocol/http";
import { expect, it } from "vitest";
import { groupAlerts } from "./alertGroups.js";

let at = 0;
const alert = (rule: AlertView["rule"], more: Partial<AlertView> = {}): AlertView => ({
  id: `a${++at}`,
  rule,
  severity: rule === "overheating" ? "danger" : "money",
  state: "firing",
  site: "north",
  rig: at,
  subject: { kind: "rig", id: `r${at}`, name: `rig ${at}` },
  rigName: `rig ${at}`,
  model: "S19",
  pendingMs: 100 + at,
  firedMs: 200 + at,
  resolvedMs: null,
  value: null,
  limit: null,
  unit: "",
  reason: "",
  lossPerH: 1,
  currency: "USD",
  ...more,
});

it("more than two alike stand as one with their losses summed, as old as the oldest", () => {
  const three = [
    alert("unprofitable"),
    alert("unprofitable", { lossPerH: 2 }),
    alert("unprofitable", { lossPerH: null }),
  ];
  const [group, ...others] = groupAlerts(three);
  expect(others).toEqual([]);
  expect(group).toMatchObject({ rule: "unprofitable", model: "S19", lossPerH: 3, lossRigs: 2 });
  expect(group!.firedMs).toBe(three[0]!.firedMs);
  expect(group!.alerts.map(({ lossPerH }) => lossPerH)).toEqual([2, 1, null]);
});

it("two alike, other models, states and currencies stand for themselves", () => {
  const groups = groupAlerts([
    alert("unprofitable"),
    alert("unprofitable"),
    alert("unprofitable", { model: "S21" }),
    alert("unprofitable", { state: "pending", firedMs: null }),
    alert("unprofitable", { currency: "CNY" }),
  ]);
  expect(groups.map(({ alerts }) => alerts.length)).toEqual([1, 1, 1, 1, 1]);
});

it("danger comes before many offline, and these before much money", () => {
  const many = (rule: AlertView["rule"], more: Partial<AlertView>) => [1, 2, 3].map(() => alert(rule, more));
  const order = groupAlerts([
    ...many("unprofitable", { lossPerH: 50 }),
    ...many("offline", { lossPerH: null }),
    alert("overheating", { lossPerH: null }),
  ]);
  expect(order.map(({ rule }) => rule)).toEqual(["overheating", "offline", "unprofitable"]);
});
