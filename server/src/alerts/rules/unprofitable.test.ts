import { describe, expect, test } from "vitest";
import { judgedRig } from "../../fixtures/judgedRig.js";
import type { Reading } from "../../fleet/rigView.js";

describe("unprofitable", () => {
  const loss = { hashrateThs: 100, powerW: 3_500 };
  const gain = { hashrateThs: 200, powerW: 3_500 };
  const run = (it: ReturnType<typeof judgedRig>, reading: Partial<Reading>, fromS: number, toS: number) => {
    for (let s = fromS; s <= toS; s += 30) it.reads(s, reading);
    return it;
  };

  test("fires after ten minutes at a loss, says break-even, and resolves when it pays again", () => {
    const it = run(judgedRig(), loss, 0, 570);
    expect(it.transitions()).toEqual([]);
    it.reads(600, loss);
    const [alert] = it.book.takeChanges().transitions;
    expect(alert).toMatchObject({ rule: "unprofitable", severity: "money", currency: "USD", limit: 0 });
    expect(alert?.lossPerH).toBeCloseTo(0.05, 12);
    expect(alert?.reason).toBe(
      "Earns 0.1600 and costs 0.2100 USD/h; breaks even at 0.0457 USD/kWh, energy costs 0.0600",
    );
    it.reads(630, gain);
    expect(it.transitions()).toEqual(["unprofitable resolved"]);
  });

  test("stays firing within the dead band, so that a small move of a rate flaps nothing", () => {
    const it = run(judgedRig(), loss, 0, 600);
    it.transitions();
    it.reads(630, { hashrateThs: 132, powerW: 3_500 });
    expect(it.view.figures.profitPerH).toBeGreaterThan(0);
    expect(it.transitions()).toEqual([]);
  });

  test.each([
    ["a sleeping rig", {}, { ...loss, status: "sleeping" as const }],
    ["unknown power", {}, { hashrateThs: 100 }],
    ["a hashprice older than a day", { stale: true }, loss],
    ["that of its own algorithm", { algo: "Scrypt", otherStale: new Set(["revenue/scrypt"]) }, loss],
  ])("%s raises nothing", (_what, options, reading) => {
    expect(run(judgedRig(options), reading, 0, 1_200).transitions()).toEqual([]);
  });

  test.each([
    [
      "a rig of another algorithm by its own hashprice, however old that of SHA-256 is",
      "Scrypt",
      { stale: true },
    ],
    ["one of SHA-256, however old another is", "SHA-256", { otherStale: new Set(["revenue/scrypt"]) }],
  ])("judges %s", (_what, algo, options) => {
    expect(run(judgedRig({ algo, ...options }), loss, 0, 600).transitions()).toEqual(["unprofitable firing"]);
  });

  test("the simulated fleet is judged by its old snapshot all the same", () => {
    expect(run(judgedRig({ stale: true, demo: true }), loss, 0, 600).transitions()).toEqual([
      "unprofitable firing",
    ]);
  });
});
