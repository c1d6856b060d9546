import type { AlertView } from "@hashwatt/protocol/http";
import { expect, it } from "vitest";
import { keptAlerts } from "./keptAlerts.js";

const alert = (id: string, state: AlertView["state"], resolvedMs: number | null = null) =>
  ({ id, state, resolvedMs }) as AlertView;

it("of alerts that have ended only the newest are kept, of open ones all", () => {
  const all = [
    alert("a", "resolved", 30),
    alert("b", "firing"),
    alert("c", "resolved", 10),
    alert("d", "pending"),
    alert("e", "resolved", 20),
  ];
  expect(keptAlerts(all, 2).map(({ id }) => id)).toEqual(["a", "b", "d", "e"]);
  expect(keptAlerts(all, 3)).toBe(all);
});
