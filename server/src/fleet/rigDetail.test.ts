import type { Input } from "@hashwatt/protocol/http";
import { expect, test } from "vitest";
import type { SiteRates } from "../rates/rates.js";
import { DevFeeMeter } from "./devFeeMeter.js";
import { rigDetail } from "./rigDetail.js";
import { newRigView } from "./rigView.js";

const NOW = Date.UTC(2026, 10, 26, 12);
const MINUTE_MS = 60_000;
const pool: Input = {
  kind: "poolFactor",
  value: 0.97,
  unit: "share of the hashprice",
  source: "Pool, FPPS: contract",
  note: "fee 1 %, firmware 2 %",
  asOfMs: 0,
  stale: false,
};
const price: Input = { kind: "price", value: 0.06, unit: "USD/kWh", source: "s", asOfMs: 0, stale: false };
const slot = (value: number, note: string) => ({
  ...{ startMs: 0, endMs: Number.POSITIVE_INFINITY, value, source: "Pool, FPPS: contract", note, asOfMs: 0 },
});
/** What is said of pool and firmware where firmwares' fees at the site are measured. */
const rigPools: SiteRates["rigPools"] = {
  before: { pool: slot(0.99, "fee 1 %; each rig pays its own"), perThH: 1 },
  set: { pool: slot(0.97, "fee 1 %, firmware 2 %"), perThH: 1 },
};

/** What a rig's detail says of its pool factor after so many minutes in which it told what its firmware takes; undefined: it tells nothing. */
function saidAfter(minutes: number | undefined, own: SiteRates["rigPools"]): Input | undefined {
  const view = newRigView({
    ...{ rig: 1, site: "s", agent: "a", handle: "h", name: "n", evidence: { address: "10.0.0.1" } },
    ...{ aliases: [], firstSeenMs: 0, lastSeenMs: 0 },
  });
  if (minutes !== undefined) view.devFee = new DevFeeMeter();
  for (let at = 0; at <= (minutes ?? -1); at++)
    view.devFee?.heard({ acceptedDiff: at * 1_000, devFeeDiff: at * 25 }, NOW - (minutes! - at) * MINUTE_MS);
  const site = { currency: "USD", zone: "UTC" };
  const { inputs } = rigDetail(view, site, { inputs: [price, pool], rigPools: own }, [], NOW);
  expect(inputs[0]).toEqual(price);
  return inputs.find(({ kind }) => kind === "poolFactor");
}

test("a rig that shows its firmware's fee says that the rate set stands in for it until it is measured", () => {
  for (const own of [undefined, rigPools])
    expect(saidAfter(30, own)).toMatchObject({
      value: 0.97,
      note: expect.stringMatching(/^fee 1 %, firmware 2 %; this rig's firmware fee is as it is set/),
    });
  const measured = saidAfter(90, rigPools)!;
  expect(measured.value).toBeCloseTo(0.99 * 0.975, 12);
  expect(measured.note).toBe("fee 1 %; each rig pays its own");
});

test("one whose firmware never shows it has the rate that is set, and nothing is promised", () => {
  expect(saidAfter(undefined, undefined)).toEqual(pool);
  expect(saidAfter(undefined, rigPools)).toMatchObject({ value: 0.97, note: "fee 1 %, firmware 2 %" });
});
