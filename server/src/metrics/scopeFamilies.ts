import type { RatesPerHour, ScopeTotals } from "@hashwatt/protocol/http";
import { STATUSES } from "@hashwatt/protocol/sample";
import type { Family, Point } from "./family.js";
import { gramsPerSecond, hashesPerSecond, joulesPerHash, perSecond, seconds } from "./units.js";

/** Sums over rigs, and when the newest of their readings arrived; null before the first. */
export interface Scope extends ScopeTotals {
  newestMs: number | null;
}

/** A family of sums over rigs; its labels are those of the scope, then `labels`. */
export interface ScopeFamily extends Family {
  points(totals: Scope): Iterable<Point>;
}

/** Why a hashrate has a label for its algorithm, for the reader of HELP. */
const BY_ALGO = "by algorithm, for hashes of different algorithms do not add up";
const REPORTING = "of rigs with a fresh reading";

type Money = "revenue" | "cost" | "profit";
const MONEY: Record<Money, { rate: keyof RatesPerHour & `${Money}PerH`; help: string }> = {
  revenue: { rate: "revenuePerH", help: "What the hashrate earns at the present hashprice" },
  cost: { rate: "costPerH", help: "What the power costs at the present price of energy" },
  profit: { rate: "profitPerH", help: "Revenue less the cost of energy" },
};

/** The families of one kind of scope: `prefix` goes into the names, `scope` are the labels that tell the scopes apart. */
export function scopeFamilies(prefix: string, scope: readonly string[]): ScopeFamily[] {
  const family = (
    name: string,
    help: string,
    points: ScopeFamily["points"],
    labels: readonly string[] = [],
  ): ScopeFamily => ({
    name: `hashwatt_${prefix}_${name}`,
    type: "gauge",
    help,
    labels: [...scope, ...labels],
    points,
  });
  const money = (Object.keys(MONEY) as Money[]).map((name) =>
    family(
      `${name}_per_second`,
      `${MONEY[name].help}, in units of the currency, ${REPORTING}; hashwatt_${prefix}_priced_rigs says of how many`,
      ({ money }) => money.map((rates): Point => [perSecond(rates[MONEY[name].rate]), rates.currency]),
      ["currency"],
    ),
  );
  return [
    family(
      "rigs",
      "Rigs by status; stale: nothing arrived for three of their intervals",
      ({ byStatus }) =>
        [...STATUSES, "stale" as const].map((status): Point => [byStatus[status] ?? 0, status]),
      ["status"],
    ),
    family("reporting_rigs", "Rigs with a fresh reading", ({ reporting }) => [[reporting]]),
    family(
      "hashrate_hashes_per_second",
      `Hashrate ${REPORTING}, ${BY_ALGO}`,
      ({ algos }) => algos.map(({ algo, hashrateThs }): Point => [hashesPerSecond(hashrateThs), algo]),
      ["algo"],
    ),
    family(
      "nominal_hashrate_hashes_per_second",
      `What the rigs were sold for, ${BY_ALGO}; absent while that is not known of every rig`,
      ({ algos }) =>
        algos.map(
          ({ algo, rigs, nominalThs, nominalRigs }): Point => [
            nominalRigs === rigs ? hashesPerSecond(nominalThs) : undefined,
            algo,
          ],
        ),
      ["algo"],
    ),
    family(
      "efficiency_joules_per_hash",
      "Power over hashrate of the rigs that report both, by algorithm; times 1e12 these are J/TH",
      ({ algos }) =>
        algos.map(({ algo, efficiencyJPerTh }): Point => [joulesPerHash(efficiencyJPerTh), algo]),
      ["algo"],
    ),
    family("power_watts", `Power ${REPORTING}`, ({ powerW }) => [[powerW]]),
    family(
      "power_by_source_watts",
      `Power ${REPORTING}, by where its figures come from: meter, psu, firmware, model or nameplate`,
      ({ powerBySource }) => Object.entries(powerBySource).map(([source, powerW]): Point => [powerW, source]),
      ["source"],
    ),
    family("power_unknown_rigs", "Rigs whose power is in no sum", ({ powerUnknownRigs }) => [
      [powerUnknownRigs],
    ]),
    family("chip_temperature_max_celsius", `The hottest chip ${REPORTING}`, ({ hottestChipC }) => [
      [hottestChipC],
    ]),
    ...money,
    family(
      "carbon_grams_per_second",
      `CO2 equivalent that the power causes at the grid factor, ${REPORTING}`,
      ({ co2KgPerH }) => [[gramsPerSecond(co2KgPerH)]],
    ),
    family(
      "priced_rigs",
      "Rigs that the sums of revenue, cost, profit and carbon cover",
      ({ money, co2Rigs }) => [
        [money.reduce((sum, { revenueRigs }) => sum + revenueRigs, 0), "revenue"],
        [money.reduce((sum, { costRigs }) => sum + costRigs, 0), "cost"],
        [money.reduce((sum, { profitRigs }) => sum + profitRigs, 0), "profit"],
        [co2Rigs, "carbon"],
      ],
      ["figure"],
    ),
    family(
      "last_reading_timestamp_seconds",
      "When the newest reading arrived; time() less this is the age of the data",
      ({ newestMs }) => [[seconds(newestMs)]],
    ),
  ];
}

/** Sums of each site. */
export const SITE_FAMILIES = scopeFamilies("site", ["site"]);
/** Sums of each model of a site; rigs of no known model have no label for it. */
export const MODEL_FAMILIES = scopeFamilies("model", ["site", "model"]);
