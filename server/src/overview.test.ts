import type { AlertView } from "@hashwatt/protocol/http";
import { MAX_OPEN_ALERTS } from "@hashwatt/protocol/live";
import { describe, expect, test } from "vitest";
import { Agents } from "./agents.js";
import { AlertBook } from "./alerts/book.js";
import { RULES } from "./alerts/rules/registry.js";
import { readGridFactors, readNetworkSnapshot } from "./bundledData.js";
import { testAlert } from "./fixtures/alert.js";
import { judgedRig, START } from "./fixtures/judgedRig.js";
import { Fleet } from "./fleet/fleet.js";
import { RigIndex } from "./identity/rigIndex.js";
import { Overview } from "./overview.js";
import { GridFactors } from "./rates/carbon/gridFactors.js";
import { Rates } from "./rates/rates.js";
import { Sites } from "./sites.js";

const site = (name: string) => ({ site: name, name, zone: "UTC", currency: "USD", demo: false });

function overviewOf(book: AlertBook, recent: AlertView[] = []) {
  const records = [site("configured"), site("with-a-rig"), site("left")];
  const rates = new Rates(
    { snapshot: readNetworkSnapshot(), factors: new GridFactors(readGridFactors()), tariffs: [], fx: [] },
    records,
  );
  const fleet = new Fleet({ rates: (name, nowMs) => rates.now(name, nowMs), limits: () => ({}) });
  const { record } = judgedRig().view;
  fleet.putRig({ ...record, site: "with-a-rig" });
  return new Overview(
    {
      fleet,
      index: new RigIndex([]),
      sites: new Sites(records, () => undefined),
      rates,
      book,
      agents: new Agents(),
      configured: new Set(["configured"]),
      store: () => ({ kind: "memory", ok: true }),
      broker: () => undefined,
    },
    recent,
  );
}

describe("the overview", () => {
  test("lists the sites of the config and those with rigs, and no other", () => {
    const totals = overviewOf(new AlertBook(RULES)).totals(START);
    expect(totals.sites.map(({ site: name, rigs }) => [name, rigs])).toEqual([
      ["configured", 0],
      ["with-a-rig", 1],
    ]);
  });

  test("shows an alert that has begun again once, and not among those that ended", () => {
    const it = judgedRig({ resolveHoldMs: 0 });
    const hot = { chipTempC: 95 };
    const cool = { chipTempC: 60 };
    it.reads(0, hot).reads(5, hot).reads(10, cool).reads(15, cool);
    const overview = overviewOf(it.book);
    overview.ended(it.book.takeChanges().transitions, START + 15_000);
    expect(overview.alerts()).toMatchObject([{ state: "resolved" }]);
    it.reads(20, hot).reads(25, hot);
    expect(overview.alerts()).toMatchObject([{ state: "firing", rounds: 2 }]);
    it.reads(30, cool).reads(35, cool);
    overview.ended(it.book.takeChanges().transitions, START + 35_000);
    expect(overview.alerts()).toMatchObject([{ state: "resolved", rounds: 2 }]);
  });

  test("leaves out of a full list what stands under another, then what is pending, and never a danger for these", () => {
    const many = Array.from({ length: MAX_OPEN_ALERTS }, (_, i) => testAlert(`p${i}`, { state: "pending" }));
    const open = [
      ...many,
      testAlert("part", { partOf: "g" }),
      testAlert("notice", { severity: "notice" }),
      testAlert("money"),
      testAlert("hot", { severity: "danger", state: "pending" }),
    ];
    const book = { open: () => [...open] } as unknown as AlertBook;
    const told = overviewOf(book).alerts();
    expect(told).toHaveLength(MAX_OPEN_ALERTS);
    expect(told.slice(0, 4).map(({ id }) => id)).toEqual(["hot", "money", "notice", "p0"]);
  });
});
