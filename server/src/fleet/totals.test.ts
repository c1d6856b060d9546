import { describe, expect, test } from "vitest";
import { newRigView, type RigView } from "./rigView.js";
import { ScopeSums } from "./totals.js";

const rig = (key: number, powerW: number | undefined, figures: RigView["figures"]): RigView => {
  const view = newRigView({
    rig: key,
    site: "s",
    agent: "a",
    handle: "h",
    name: `rig ${key}`,
    evidence: { address: "10.0.0.1" },
    aliases: [],
    firstSeenMs: 0,
    lastSeenMs: 0,
  });
  view.reading = {
    atMs: 0,
    intervalMs: 5_000,
    status: "mining",
    ...(powerW !== undefined && { powerW, powerSource: "psu" }),
  };
  view.receivedMs = 0;
  view.stale = false;
  view.figures = figures;
  return view;
};

describe("a site with a meter at its feeder", () => {
  const known = { revenuePerH: 0.4, costPerH: 0.18, profitPerH: 0.22, co2KgPerH: 1.8 };
  const dark = { revenuePerH: 0.3 };

  /** A metered site of two rigs, one of unknown power, beside another of one rig. */
  function sums(by: { pricePerKwh?: number; kgCo2PerKwh?: number }, currency = "USD") {
    const [all, site] = [new ScopeSums(), new ScopeSums()];
    for (const view of [rig(1, 3_000, known), rig(2, undefined, dark)])
      for (const scope of [all, site]) scope.add(view, "USD", 0);
    all.add(rig(3, 3_000, known), currency, 0);
    site.useMeter(7_000, "USD", by, all);
    return { all: all.totals(), site: site.totals() };
  }

  test("costs and emits what the meter says, in the fleet's sums too, and no rig's part twice", () => {
    const { all, site } = sums({ pricePerKwh: 0.06, kgCo2PerKwh: 0.6 });
    expect(site.money[0]).toMatchObject({ costRigs: 2, profitRigs: 2, revenueRigs: 2 });
    expect(site.money[0]!.costPerH).toBeCloseTo(0.42, 12);
    expect(site.money[0]!.profitPerH).toBeCloseTo(0.7 - 0.42, 12);
    expect(site.co2KgPerH).toBeCloseTo(4.2, 12);
    expect(all.money[0]).toMatchObject({ costRigs: 3, profitRigs: 3, revenueRigs: 3 });
    expect(all.money[0]!.costPerH).toBeCloseTo(0.42 + 0.18, 12);
    expect(all.money[0]!.profitPerH).toBeCloseTo(0.28 + 0.22, 12);
    expect(all.co2KgPerH).toBeCloseTo(4.2 + 1.8, 12);
    expect(all.co2Rigs).toBe(3);
    // What the rigs draw stays what the rigs draw.
    expect([site.powerW, all.powerW]).toEqual([3_000, 6_000]);
  });

  test("leaves another currency's sums alone", () => {
    const { all } = sums({ pricePerKwh: 0.06 }, "CNY");
    expect(all.money.map(({ currency, costPerH }) => [currency, costPerH])).toEqual([
      ["USD", expect.closeTo(0.42, 12)],
      ["CNY", 0.18],
    ]);
  });

  test("has no cost of its meter's without a price, and no carbon without a factor", () => {
    const { site } = sums({});
    expect(site.money[0]).toMatchObject({ costPerH: 0.18, costRigs: 1 });
    expect(site).toMatchObject({ co2KgPerH: 1.8, co2Rigs: 1 });
  });
});

test("rigs that do not tell what they mine are counted and draw power, and their rates make no sum", () => {
  const sums = new ScopeSums();
  for (const [key, algo] of [undefined, undefined, "SHA256"].entries()) {
    const view = rig(key, 3_000, {});
    view.algo = algo;
    view.record.evidence.nominalThs = 100;
    view.reading!.hashrateThs = 90;
    sums.add(view, "USD", 0);
  }
  expect(sums.totals()).toMatchObject({
    powerW: 9_000,
    algos: [
      {
        algo: "unknown",
        rigs: 2,
        reporting: 2,
        hashrateThs: null,
        nominalThs: null,
        nominalRigs: 0,
        powerW: 6_000,
        efficiencyJPerTh: null,
      },
      { algo: "SHA256", rigs: 1, hashrateThs: 90, nominalThs: 100, powerW: 3_000 },
    ],
  });
});
