import { expect, test } from "vitest";
import { hasAllMembers, shownMembers } from "./shownMembers.js";

const members = (count: number, peak: number, named: number) => ({
  ...{ count, peak },
  subjects: Array.from({ length: named }, (_, n) => ({
    kind: "rig" as const,
    id: `r${n}`,
    name: `rig ${n}`,
  })),
});
const fetched = [
  { id: "x", subject: { kind: "rig" as const, id: "r9", name: "rig 9" }, firedMs: 1, reason: "hot" },
];

test("only of an alert that is open now the server is asked for members", () => {
  expect(hasAllMembers({ state: "firing" }, false)).toBe(true);
  expect(hasAllMembers({ state: "resolved" }, false)).toBe(false);
  expect(hasAllMembers({ state: "firing" }, true)).toBe(false);
  const open = { state: "firing" as const, members: members(90, 90, 50) };
  expect(shownMembers(open, false, undefined)).toBeUndefined();
  expect(shownMembers(open, false, fetched)).toEqual({ all: fetched });
  // A replay is of the past: what the server tells of now is no part of it.
  expect(shownMembers(open, true, fetched)?.all[0]?.subject.name).toBe("rig 0");
});

test("of members that the alert names alone, it is known how many are missing", () => {
  const kept = (count: number, peak: number, named: number) => {
    const shown = shownMembers({ state: "resolved", members: members(count, peak, named) }, false, undefined);
    return [shown?.all.length, shown?.of];
  };
  expect(kept(1, 200, 50)).toEqual([50, 200]);
  expect(kept(60, 60, 50)).toEqual([50, 60]);
  expect(kept(6, 6, 6)).toEqual([6, undefined]);
  // The group shrank before it ended: those that had left it are not kept either.
  expect(kept(2, 6, 2)).toEqual([2, 6]);
});
