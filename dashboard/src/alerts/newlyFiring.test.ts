import type { AlertView } from "@hashwatt/protocol/http";
import { expect, test } from "vitest";
import { firingAlone, heardAnew, newlyFiring } from "./newlyFiring.js";

const alert = (id: string, told: Partial<AlertView> = {}): AlertView => ({
  ...{ id, rule: "offline", severity: "money", state: "firing", site: "north" },
  ...{ subject: { kind: "rig", id, name: id }, pendingMs: 0, firedMs: 0, resolvedMs: null },
  ...{ value: null, limit: null, unit: "", reason: "", lossPerH: null },
  ...told,
});
const ids = (alerts: readonly AlertView[]) => alerts.map(({ id }) => id);

test("what fires by itself counts: neither what is pending or over, nor what stands under another", () => {
  const all = [
    alert("a"),
    alert("b", { partOf: "g" }),
    alert("c", { state: "pending" }),
    alert("d", { state: "resolved" }),
    alert("e", { site: "south" }),
    alert("f", { site: "" }),
  ];
  expect(ids(firingAlone(all, ""))).toEqual(["a", "e", "f"]);
  expect(ids(firingAlone(all, "north"))).toEqual(["a", "f"]);
});

test("an alert is new once, and again when it has ended in between; what was there at first is not", () => {
  const known = (alerts: readonly AlertView[]) => new Set(ids(alerts));
  expect(newlyFiring(undefined, [alert("a")])).toEqual([]);
  expect(ids(newlyFiring(known([alert("a")]), [alert("a"), alert("b")]))).toEqual(["b"]);
  expect(newlyFiring(known([alert("a"), alert("b")]), [alert("b")])).toEqual([]);
  expect(ids(newlyFiring(known([alert("b")]), [alert("a"), alert("b")]))).toEqual(["a"]);
});

test("the same news twice is another text each time, so that it is said each time", () => {
  const said: string[] = [];
  for (const text of ["hot", "hot", "hot", "cold"]) said.push(heardAnew(said.at(-1) ?? "", text));
  expect(said.map((text) => text.trim())).toEqual(["hot", "hot", "hot", "cold"]);
  for (const [n, text] of said.entries()) expect(text).not.toBe(said[n - 1]);
});
