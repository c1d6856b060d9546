import type { AlertView } from "@hashwatt/protocol/http";
import { expect, test } from "vitest";
import { alertFinder, foundAlerts, olderPage } from "./alertFinder.js";

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

test("a member finds what it stands under, also where that does not name it", () => {
  const subject = (name: string) => ({ kind: "rig" as const, id: name, name });
  const group = alert({ id: "g", subject: { kind: "group", id: "g", name: "90 rigs" } });
  const outage = alert({ id: "o", rule: "siteOutage", subject: { kind: "site", id: "n", name: "North" } });
  const ended = alert({ id: "e", state: "resolved", resolvedMs: 9 });
  const known = [
    ...[group, outage, ended],
    alert({ id: "a", subject: subject("hall-60"), partOf: "g" }),
    alert({ id: "b", subject: subject("hall-61"), partOf: "o", state: "pending" }),
    alert({ id: "c", subject: subject("hall-62"), partOf: "g", state: "resolved", resolvedMs: 5 }),
    alert({ id: "d", subject: subject("hall-63"), partOf: "e", state: "resolved", resolvedMs: 9 }),
  ];
  const found = (text: string) =>
    foundAlerts(
      known,
      alertFinder(text, () => []),
    ).map(({ id }) => id);
  expect(found("hall-60")).toEqual(["g", "a"]);
  expect(found("hall-61")).toEqual(["o", "b"]);
  // The group is open, and this rig is well again.
  expect(found("hall-62")).toEqual(["c"]);
  expect(found("hall-63")).toEqual(["e", "d"]);
  expect(found("hall-99")).toEqual([]);
  expect(found("")).toHaveLength(known.length);
});

test("each page of what has ended follows the last one, whatever is shown of it", () => {
  const all = Array.from({ length: 450 }, (_, n) =>
    // Three hundred of an outage ended in one instant.
    alert({ id: `${n}`, state: "resolved", resolvedMs: n < 30 ? 900 - n : n < 330 ? 500 : 400 - n }),
  );
  let known = [alert({ id: "open" })];
  const sizes: number[] = [];
  for (let page = 0; page < 6; page++) {
    const { beforeMs, limit } = olderPage(known, 1_000);
    const next = all.filter(({ resolvedMs }) => resolvedMs! < beforeMs).slice(0, limit);
    known = [...new Map([...known, ...next].map((each) => [each.id, each])).values()];
    sizes.push(known.length - 1);
  }
  expect(sizes).toEqual([100, 200, 300, 400, 450, 450]);
  const many = Array.from({ length: 4_950 }, () => alert({ state: "resolved", resolvedMs: 7 }));
  expect(olderPage(many, 1_000)).toEqual({ beforeMs: 7, limit: 100 });
});
