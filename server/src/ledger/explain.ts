import type { ExplainedStep, LedgerExplanation, LedgerSource } from "@hashwatt/protocol/ledger";
import type { BucketRates } from "../economics/bucketRates.js";
import { perBtc } from "../economics/perBtc.js";
import { ServerError } from "../error.js";
import type { Slot, TimeRange } from "../rates/slot.js";
import { BUCKET_MS, HOUR_MS } from "../rollup/row.js";
import type { LedgerStore, Work } from "../store/state/ledger.js";
import type { FactorSlots } from "./factorSlots.js";
import type { Pricer } from "./pricer.js";
import { type LedgerReader, type LedgerScope, named, withUnits } from "./reader.js";

/** An explanation goes through every 5 minutes: of so much time at most. */
export const MAX_EXPLAINED_MS = 48 * HOUR_MS;

/** What explanations are made from. */
export interface ExplainParts {
  ledger: LedgerStore;
  reader: LedgerReader;
  rates: FactorSlots;
  pricer: Pick<Pricer, "stays">;
}

const FORMULAS: LedgerExplanation["formulas"] = [
  {
    figure: "work",
    formula:
      "TH/s·h = accepted difficulty × 2^32 / 10^12 / 3600; the reported hashrate × time where a rig tells no accepted difficulty",
  },
  { figure: "revenue", formula: "TH/s·h × hashprice / 24,000 × pool factor" },
  { figure: "revenueBtc", formula: "TH/s·h × hashprice in BTC / 24,000 × pool factor" },
  { figure: "energyCost", formula: "kWh at the plug × price" },
  { figure: "overheadKwh", formula: "kWh at the plug × (overhead factor − 1)" },
  { figure: "overheadCost", formula: "overhead kWh × price" },
  { figure: "co2LocationKg", formula: "(kWh at the plug + overhead kWh) × grid factor" },
  {
    figure: "co2MarketKg",
    formula: "(kWh at the plug + overhead kWh) × factor of contracts and residual mix",
  },
  {
    figure: "marginalProfit",
    formula: "revenue − energy cost, of the rigs of which both are known",
  },
  { figure: "breakEvenPerKwh", formula: "revenue / kWh at the plug, of the rigs of which both are known" },
  { figure: "costPerBtc", formula: "(energy cost + overhead cost) / revenue in BTC" },
  { figure: "kgCo2PerBtc", formula: "co2LocationKg / revenue in BTC" },
  { figure: "kwhPerBtc", formula: "(kWh at the plug + overhead kWh) / revenue in BTC" },
];

/**
 * How the figures of a stretch came about, bucket by bucket at full precision, with what each was priced with. Throws ServerError
 * `badRequest` for a stretch that is too long.
 */
export async function explain(
  { ledger, reader, rates, pricer }: ExplainParts,
  scope: LedgerScope,
  range: TimeRange,
): Promise<LedgerExplanation> {
  const record = reader.site(scope.site);
  const { site, zone, currency } = record;
  const unitMs = scope.rigs ? HOUR_MS : BUCKET_MS;
  const fromMs = Math.floor(range.fromMs / unitMs) * unitMs;
  const toMs = Math.ceil(range.toMs / unitMs) * unitMs;
  if (toMs - fromMs > MAX_EXPLAINED_MS)
    throw new ServerError("badRequest", "from: an explanation covers two days at most; ask for less");
  const used = await ledger.rates(site, fromMs, toMs);
  const work = new Map(
    (
      await ledger.work({ site, fromMs, toMs, stays: pricer.stays, ...(scope.rigs && { rigs: scope.rigs }) })
    ).map((each) => [each.startMs, each]),
  );
  const own = scope.rigs ? new Map<number, number>() : await ownEnergy(ledger, site, used, toMs);
  const steps = used.map((bucket) => stepOf(bucket, work.get(bucket.startMs), own.get(bucket.startMs)));
  const booked = await reader.booked(scope, { fromMs, toMs });
  const sources = withUnits(await ledger.sources(site, fromMs, toMs), currency);
  return {
    ...named(scope),
    site,
    zone,
    currency,
    fromMs,
    toMs,
    booked,
    exact: exactOf(steps, work),
    steps,
    formulas: FORMULAS,
    factors: sources.map((source) => ({ ...source, ...noteOf(rates, site, source) })),
    unknown: unknownOf(steps, booked.coverage.spanMs, work.size > 0 || used.length === 0, scope.rigs?.length),
  };
}

/** What the site itself drew in each bucket, kWh. */
async function ownEnergy(
  ledger: LedgerStore,
  site: string,
  used: readonly BucketRates[],
  toMs: number,
): Promise<Map<number, number>> {
  const edges = used.map(({ startMs }) => startMs);
  const sums = await ledger.sums({ site, edges, toMs });
  return new Map(
    sums.flatMap(({ startMs, algo, sums: { energyMwh } }) =>
      algo === "" && energyMwh !== null ? [[startMs, energyMwh / 1e6] as const] : [],
    ),
  );
}

const times = (...factors: (number | null | undefined)[]): number | null => {
  let product = 1;
  for (const factor of factors) {
    if (factor == null) return null;
    product *= factor;
  }
  return product;
};
const plus = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);

function stepOf(
  bucket: BucketRates & { rigs: number },
  work: Work | undefined,
  ownKwh?: number,
): ExplainedStep {
  const value = (kind: keyof Omit<BucketRates, "startMs">): number | null => bucket[kind]?.value ?? null;
  const plug = work && work.powerCoveredMs > 0 ? work.kwh : null;
  const kwh = plus(plug, ownKwh ?? null);
  const thsHours = work && work.hashCoveredMs > 0 ? work.thsHours : null;
  const overhead = value("overhead");
  const overheadKwh = overhead === null ? null : times(plug, overhead - 1);
  const all = plus(kwh, overheadKwh);
  const poolFactor = value("poolFactor");
  const { acceptedThsHours = 0 } = work ?? {};
  const both = bothOf(bucket, work);
  return {
    startMs: bucket.startMs,
    endMs: bucket.startMs + BUCKET_MS,
    rigs: bucket.rigs,
    energyMs: work?.powerCoveredMs ?? 0,
    hashMs: (work?.hashCoveredMs ?? 0) + (work?.otherMs ?? 0),
    kwh,
    thsHours,
    basis:
      thsHours === null
        ? null
        : acceptedThsHours === 0
          ? "reported"
          : acceptedThsHours === thsHours
            ? "accepted"
            : "mixed",
    hashprice: value("hashprice"),
    hashpriceBtc: value("hashpriceBtc"),
    poolFactor,
    price: value("price"),
    overhead,
    carbon: value("carbon"),
    carbonMarket: value("carbonMarket"),
    revenue: times(thsHours, value("hashprice"), poolFactor, 1 / 24_000),
    revenueBtc: times(thsHours, value("hashpriceBtc"), poolFactor, 1 / 24_000),
    energyCost: times(kwh, value("price")),
    marginalProfit: both === undefined ? null : both.revenue - both.cost,
    overheadKwh,
    overheadCost: times(overheadKwh, value("price")),
    co2LocationKg: times(all, value("carbon")),
    co2MarketKg: times(all, value("carbonMarket")),
  };
}

/** What the rigs of a bucket earn of which both work and energy are known; undefined where a factor is, or there are none. */
function bothOf(bucket: BucketRates, work: Work | undefined): { revenue: number; cost: number } | undefined {
  if (!work || work.bothThsHours + work.bothKwh === 0) return undefined;
  const revenue = times(work.bothThsHours, bucket.hashprice?.value, bucket.poolFactor?.value, 1 / 24_000);
  const cost = times(work.bothKwh, bucket.price?.value);
  return revenue === null || cost === null ? undefined : { revenue, cost };
}

type Summed = keyof Pick<
  LedgerExplanation["exact"],
  | "kwh"
  | "thsHours"
  | "revenue"
  | "revenueBtc"
  | "energyCost"
  | "marginalProfit"
  | "overheadKwh"
  | "overheadCost"
  | "co2LocationKg"
  | "co2MarketKg"
>;

function exactOf(
  steps: readonly ExplainedStep[],
  work: ReadonlyMap<number, Work>,
): LedgerExplanation["exact"] {
  const sum = (name: Summed): number | null => {
    const known = steps.flatMap((step) => step[name] ?? []);
    return known.length ? known.reduce((total, amount) => total + amount, 0) : null;
  };
  const bothKwh = steps.reduce(
    (total, { startMs, marginalProfit }) =>
      marginalProfit === null ? total : total + (work.get(startMs)?.bothKwh ?? 0),
    0,
  );
  const bothRevenue = steps.reduce(
    (total, { startMs, marginalProfit, price }) =>
      marginalProfit === null || price === null
        ? total
        : total + marginalProfit + (work.get(startMs)?.bothKwh ?? 0) * price,
    0,
  );
  const exact = {
    kwh: sum("kwh"),
    thsHours: sum("thsHours"),
    revenue: sum("revenue"),
    revenueBtc: sum("revenueBtc"),
    energyCost: sum("energyCost"),
    marginalProfit: sum("marginalProfit"),
    overheadKwh: sum("overheadKwh"),
    overheadCost: sum("overheadCost"),
    co2LocationKg: sum("co2LocationKg"),
    co2MarketKg: sum("co2MarketKg"),
  };
  return {
    ...exact,
    breakEvenPerKwh: bothKwh > 0 ? bothRevenue / bothKwh : null,
    ...perBtc({
      btc: exact.revenueBtc,
      kwh: plus(exact.kwh, exact.kwh === null ? null : exact.overheadKwh),
      cost: plus(exact.energyCost, exact.energyCost === null ? null : exact.overheadCost),
      kgCo2: exact.co2LocationKg,
    }),
  };
}

/** The whole citation of a source, as the rates have it for the time in question. */
function noteOf(
  rates: FactorSlots,
  site: string,
  { kind, source, fromMs, toMs }: LedgerSource,
): { note?: string } {
  const slots: readonly Slot[] = rates.slots(site, kind, { fromMs, toMs });
  const note = slots.find((slot) => slot.source === source)?.note;
  return note === undefined ? {} : { note };
}

const NEEDS = [
  { figure: "revenue", factor: "hashprice", name: "hashprice", reading: "hashMs" },
  { figure: "revenueBtc", factor: "hashpriceBtc", name: "hashprice in BTC", reading: "hashMs" },
  { figure: "energyCost", factor: "price", name: "price of energy", reading: "energyMs" },
  { figure: "overheadCost", factor: "overhead", name: "overhead factor", reading: "energyMs" },
  { figure: "co2LocationKg", factor: "carbon", name: "grid factor", reading: "energyMs" },
  { figure: "co2MarketKg", factor: "carbonMarket", name: "market-based factor", reading: "energyMs" },
] as const;

function unknownOf(
  steps: readonly ExplainedStep[],
  spanMs: number,
  hasRows: boolean,
  rigs: number | undefined,
): LedgerExplanation["unknown"] {
  const unknown: LedgerExplanation["unknown"] = [];
  const note = (figure: string, ms: number, why: string) => {
    if (ms > 0) unknown.push({ figure, ms, why });
  };
  if (!hasRows)
    return [
      {
        figure: "all",
        ms: spanMs,
        why: "no 5-minute rows are kept of this time, or none was ever told: what is booked stands and cannot be taken apart",
      },
    ];
  const told = (reading: "energyMs" | "hashMs") => steps.reduce((sum, step) => sum + step[reading], 0);
  note("kwh", spanMs - told("energyMs"), "rigs did not answer or do not tell their power");
  note("thsHours", spanMs - told("hashMs"), "rigs did not answer or do not tell their hashrate");
  for (const { figure, factor, name, reading } of NEEDS) {
    const without = steps.filter((step) => step[factor] === null);
    const ms = without.reduce((sum, step) => sum + step[reading], 0);
    note(figure, ms, `no ${name} is known for ${without.length} of ${steps.length} steps of 5 minutes`);
  }
  const other = steps.reduce((sum, { hashMs, thsHours }) => sum + (thsHours === null ? hashMs : 0), 0);
  note(
    "revenue",
    other,
    `${rigs === 1 ? "the rig works" : "rigs work"} on an algorithm that no hashprice is known of`,
  );
  return unknown;
}
