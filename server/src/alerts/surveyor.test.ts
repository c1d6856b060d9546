import type { Input } from "@hashwatt/protocol/http";
import { expect, test } from "vitest";
import { Agents } from "../agents.js";
import { ratedRig, START } from "../fixtures/judgedSite.js";
import type { RigView } from "../fleet/rigView.js";
import type { SiteRates } from "../rates/rates.js";
import type { Facts, SiteFacts } from "./facts.js";
import type { RuleContext } from "./rules/rule.js";
import { Surveyor } from "./surveyor.js";

/** A rig that mines an algorithm, and by it earns so much an hour with 2 kW. */
function mining(rig: number, algo: string | undefined, revenuePerH: number | undefined): RigView {
  return Object.assign(ratedRig(rig), {
    algo,
    reading: { atMs: START, intervalMs: 5_000, status: "mining", powerW: 2_000 },
    receivedMs: START,
    answeredMs: START,
    stale: false,
    figures: revenuePerH === undefined ? {} : { revenuePerH },
  });
}

const hashprice = (algo?: string): Input => ({
  kind: "hashprice",
  value: 1,
  unit: "x",
  source: algo ?? "sha256",
  asOfMs: null,
  stale: true,
  ...(algo !== undefined && { algo }),
});
const price: Input = { kind: "price", value: 0.06, unit: "USD/kWh", source: "s", asOfMs: 0, stale: false };

/** What is found of a site with such rigs. */
function siteOf(rigs: readonly RigView[], told: Partial<SiteRates>): SiteFacts {
  const rates: SiteRates = {
    currency: "USD",
    inputs: [hashprice(), price, hashprice("scrypt")],
    stale: false,
    demo: false,
    ...told,
  };
  const found: Facts[] = [];
  const surveyor = new Surveyor({
    fleet: { views: () => rigs[Symbol.iterator]() },
    sites: {
      all: () =>
        [{ site: "s", name: "south", zone: "UTC", currency: "USD", demo: rates.demo }][Symbol.iterator](),
    },
    agents: new Agents(),
    rates: { now: () => rates, slots: () => [] },
    book: { survey: (facts) => void found.push(...facts), isMuted: () => false },
    store: () => ({ ok: true, note: "" }),
    disk: () => undefined,
  });
  const context: RuleContext = { nowMs: START, heardSinceMs: 0, rates: () => rates };
  surveyor.step(context);
  return found.find((facts) => facts.kind === "site")!;
}

const SCRYPT_IS_OLD = { otherStale: new Set(["revenue/scrypt"]) };
const both = () => [mining(1, "SHA-256", 0.2), mining(2, "Scrypt", 0.6), mining(3, undefined, undefined)];

test.each([
  ["what all rigs earn while every hashprice is of today", both(), {}, 0.2, 4_000],
  ["those alone whose own hashprice is of today", both(), SCRYPT_IS_OLD, 0.1, 2_000],
  ["the others where that of SHA-256 is old", both(), { stale: true }, 0.3, 2_000],
  ["all of a simulated site, whose prices are invented", both(), { stale: true, demo: true }, 0.2, 4_000],
  ["nobody where all are old", both(), { stale: true, ...SCRYPT_IS_OLD }, undefined, 0],
])("what a site earns for a kWh is of %s", (_what, rigs, told, breakEvenPerKwh, miningW) => {
  const facts = siteOf(rigs, told);
  expect(facts.miningW).toBe(miningW);
  if (breakEvenPerKwh === undefined) expect(facts.breakEvenPerKwh).toBeUndefined();
  else expect(facts.breakEvenPerKwh).toBeCloseTo(breakEvenPerKwh, 12);
});

test.each([
  ["both", both(), ["sha256", "s", "scrypt"]],
  ["SHA-256 alone", [mining(1, "sha256", 0.2)], ["sha256", "s"]],
  ["Scrypt alone", [mining(1, "Scrypt", 0.2)], ["s", "scrypt"]],
  ["what none of them says", [mining(1, undefined, undefined)], ["s"]],
])("a site whose rigs mine %s rests on hashprices of these", (_what, rigs, sources) => {
  expect(siteOf(rigs, {}).inputs.map(({ source }) => source)).toEqual(sources);
});
