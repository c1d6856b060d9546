import type { AlertView } from "@hashwatt/protocol/http";
import { expect, it } from "vitest";
import { endedAlerts, joinAlerts, openAlerts, sinceMs } from "./alertOrder.js";

const alert = (id: string, more: Partial<AlertView>): AlertView => ({
  id,
  rule: "offline",
  severity: "money",
  state: "firing",
  site: "north",
  rig: 1,
  subject: { kind: "rig", id: "r1", name: id },
  rigName: id,
  pendingMs: 100,
  firedMs: 200,
  resolvedMs: null,
  value: null,
  limit: null,
  unit: "",
  reason: "",
  lossPerH: null,
  ...more,
});

it("danger comes first, then what loses most; a known loss before an unknown, firing before pending", () => {
  const order = openAlerts(
    [
      alert("unknown loss", {}),
      alert("small loss", { lossPerH: 0.1 }),
      alert("pending", { lossPerH: 9, state: "pending", firedMs: null }),
      alert("large loss", { lossPerH: 5 }),
      alert("danger", { severity: "danger" }),
      alert("resolved", { state: "resolved" }),
      alert("elsewhere", { site: "south" }),
    ],
    "north",
  ).map(({ id }) => id);
  expect(order).toEqual(["danger", "large loss", "small loss", "unknown loss", "pending"]);
});

it("offline comes before money, whatever it loses", () => {
  const order = openAlerts(
    [
      alert("unprofitable", { rule: "unprofitable", lossPerH: 9 }),
      alert("notice", { rule: "unprofitable", severity: "notice", lossPerH: 99 }),
      alert("offline", {}),
    ],
    "",
  ).map(({ id }) => id);
  expect(order).toEqual(["offline", "unprofitable", "notice"]);
});

it("losses that differ by a tremble keep the older first", () => {
  const order = (first: number, second: number) =>
    openAlerts(
      [alert("b", { lossPerH: second, firedMs: 300 }), alert("a", { lossPerH: first, firedMs: 200 })],
      "",
    ).map(({ id }) => id);
  expect(order(0.0812, 0.0809)).toEqual(["a", "b"]);
  expect(order(0.0809, 0.0812)).toEqual(["a", "b"]);
  expect(order(0.0809, 0.0912)).toEqual(["b", "a"]);
});

it("the live view of an alert replaces the archive's", () => {
  const joined = joinAlerts(
    [alert("a", { state: "firing" }), alert("b", {})],
    [alert("a", { state: "resolved" })],
  );
  expect(joined.map(({ id, state }) => `${id} ${state}`)).toEqual(["a resolved", "b firing"]);
});

it("an alert that does not fire yet counts from when it was first seen", () => {
  expect(sinceMs(alert("a", { firedMs: null }))).toBe(100);
  expect(sinceMs(alert("a", {}))).toBe(200);
});

it("what has ended is listed from the newest end on, and what was over before it fired is not", () => {
  const ended = (id: string, resolvedMs: number, more: Partial<AlertView> = {}) =>
    alert(id, { state: "resolved", resolvedMs, ...more });
  const list = [
    ended("older", 300),
    ended("newer", 400),
    ended("a blip", 500, { firedMs: null }),
    ended("a member", 500, { partOf: "g" }),
    ended("elsewhere", 500, { site: "south" }),
    ended("long ago", 250),
    alert("open", {}),
  ];
  expect(endedAlerts(list, "north", 300).map(({ id }) => id)).toEqual(["newer", "older"]);
  expect(endedAlerts(list, "", 300).map(({ id }) => id)).toEqual(["elsewhere", "newer", "older"]);
});
