import { describe, expect, test } from "vitest";
import { type GroupNow, type RigNow, shareGroups } from "./share.js";

const rack = (powerW: number | undefined, rigs: number[], meter = "rack"): GroupNow => ({
  meter,
  powerW,
  rigs,
});
const rig = (ownW?: number, meteredW?: number): RigNow => ({ ownW, meteredW, present: true });
const silent = (meteredW?: number): RigNow => ({ meteredW, ownW: 3_000, present: false });

interface Case {
  groups: GroupNow[];
  rigs: Record<number, RigNow>;
  shares: Record<number, number>;
  left?: Record<string, number>;
}

const CASES: [string, Case][] = [
  [
    "divides by what the rigs draw by their own account",
    { groups: [rack(6_600, [1, 2])], rigs: { 1: rig(2_000), 2: rig(4_000) }, shares: { 1: 2_200, 2: 4_400 } },
  ],
  [
    "takes off what a rig's own meter says",
    {
      groups: [rack(6_600, [1, 2, 3])],
      rigs: { 1: rig(9_999, 3_600), 2: rig(1_000), 3: rig(500) },
      shares: { 2: 2_000, 3: 1_000 },
    },
  ],
  [
    "takes off the own meter of a rig that does not answer",
    { groups: [rack(6_600, [1, 2])], rigs: { 1: silent(3_600), 2: rig(2_500) }, shares: { 2: 3_000 } },
  ],
  [
    "gives a silent rig nothing, and says what is left when nobody answers",
    { groups: [rack(3_100, [1])], rigs: { 1: silent() }, shares: {}, left: { rack: 3_100 } },
  ],
  [
    "counts a rig that says nothing of its power as the mean of the others",
    {
      groups: [rack(9_000, [1, 2, 3])],
      rigs: { 1: rig(2_000), 2: rig(4_000), 3: rig() },
      shares: { 1: 2_000, 2: 4_000, 3: 3_000 },
    },
  ],
  [
    "divides evenly where none says anything, or all say 0",
    {
      groups: [rack(60, [1, 2], "a"), rack(40, [3, 4, 5, 6], "b")],
      rigs: { 1: rig(), 2: rig(), 3: rig(0), 4: rig(0), 5: rig(0), 6: rig(0) },
      shares: { 1: 30, 2: 30, 3: 10, 4: 10, 5: 10, 6: 10 },
    },
  ],
  [
    "is as if it were not there while it is silent",
    { groups: [rack(undefined, [1, 2])], rigs: { 1: rig(2_000), 2: rig(4_000) }, shares: {} },
  ],
  [
    "of a rack leaves an outlet within it what the outlet's meter says",
    {
      groups: [rack(10_000, [1, 2, 3]), rack(6_000, [1, 2], "outlet")],
      rigs: { 1: rig(1), 2: rig(1), 3: rig(3_500) },
      shares: { 1: 3_000, 2: 3_000, 3: 4_000 },
    },
  ],
  [
    "of a rack divides all of it while the outlet's meter is silent",
    {
      groups: [rack(9_000, [1, 2, 3]), rack(undefined, [1, 2], "outlet")],
      rigs: { 1: rig(3_000), 2: rig(3_000), 3: rig(3_000) },
      shares: { 1: 3_000, 2: 3_000, 3: 3_000 },
    },
  ],
  [
    "over an outlet whose rigs are silent does not give their watts to others",
    {
      groups: [rack(10_000, [1, 2, 3]), rack(6_000, [1, 2], "outlet")],
      rigs: { 1: silent(), 2: silent(), 3: rig(3_500) },
      shares: { 3: 4_000 },
      left: { outlet: 6_000, rack: 0 },
    },
  ],
  [
    "three deep counts each watt once",
    {
      groups: [rack(9_000, [1, 2, 3], "row"), rack(6_000, [1, 2], "rack"), rack(3_500, [1], "outlet")],
      rigs: { 1: rig(1), 2: rig(1), 3: rig(1) },
      shares: { 1: 3_500, 2: 2_500, 3: 3_000 },
    },
  ],
  [
    "that shares a rig with another counts that rig once",
    {
      groups: [rack(6_000, [1, 2], "a"), rack(9_000, [2, 3, 4], "b")],
      rigs: { 1: rig(3_000), 2: rig(3_000), 3: rig(3_000), 4: rig(3_000) },
      shares: { 1: 3_000, 2: 3_000, 3: 3_000, 4: 3_000 },
    },
  ],
  [
    "that says less than the meters within it gives nothing, and says so",
    {
      groups: [rack(3_000, [1, 2])],
      rigs: { 1: rig(3_000, 3_400), 2: rig(3_000) },
      shares: {},
      left: { rack: -400 },
    },
  ],
  [
    "doubled on the same rigs gives them one of the two figures",
    {
      groups: [rack(6_000, [1, 2], "a"), rack(6_100, [1, 2], "b")],
      rigs: { 1: rig(3_000), 2: rig(3_000) },
      shares: { 1: 3_000, 2: 3_000 },
      left: { b: 100 },
    },
  ],
];

describe("the meter of a group", () => {
  test.each(CASES)("%s", (_, { groups, rigs, shares, left = {} }) => {
    const result = shareGroups(groups, new Map(Object.entries(rigs).map(([key, now]) => [Number(key), now])));
    expect(Object.fromEntries([...result.rigs].map(([key, { powerW }]) => [key, powerW]))).toEqual(shares);
    for (const [meter, watts] of Object.entries(left)) expect(result.groups.get(meter)?.restW).toBe(watts);
  });

  test.each(CASES)("%s, with parts that add up to what it says", (_, { groups, rigs }) => {
    const result = shareGroups(groups, new Map(Object.entries(rigs).map(([key, now]) => [Number(key), now])));
    for (const { meter, powerW } of groups) {
      const parts = result.groups.get(meter);
      if (powerW === undefined) expect(parts).toBeUndefined();
      else expect(parts!.meteredW + parts!.sharedW + parts!.restW).toBeCloseTo(powerW, 9);
    }
  });
});
