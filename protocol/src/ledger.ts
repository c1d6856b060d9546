import { z } from "zod";
import { billWhySchema } from "./settings.js";

/** Lengths of a row: of the clocks and calendars of the site's zone, so that a day has 23, 24 or 25 hours. */
export const LEDGER_STEPS = ["hour", "day", "month"] as const;
export type LedgerStep = (typeof LEDGER_STEPS)[number];

/** A whole number of units; null = nothing of it is known. A known part of it is told by the coverage beside it. */
const amount = z.int().nullable();

/**
 * What a stretch of time used, earned, cost and emitted. Money is in millionths of the currency's unit, Bitcoin in thousandths of a
 * satoshi, energy in mWh, carbon in mg CO2e. Whole numbers, so that parts add up to the whole to the last unit.
 */
const AMOUNTS = {
  /** At the plug of the rigs; of a site with meters also what these tell beyond the rigs and their overhead. */
  energyMwh: amount,
  /** Cooling, losses and the like: the site's overhead factor less one, times the energy at the plug. */
  overheadMwh: amount,
  /** After pool fees, of every algorithm at its own hashprice. */
  revenueMicro: amount,
  /** Of SHA-256 alone. */
  revenueMsat: amount,
  /** Price × energy at the plug: what it costs that the rigs run. */
  energyCostMicro: amount,
  overheadCostMicro: amount,
  /** Revenue less energy cost, of the time for which both are known: decides run or stop. */
  marginalProfitMicro: amount,
  /** Marginal profit less overhead and the site's own lines (demand, fixed costs): decides whether it pays. */
  loadedProfitMicro: amount,
  /** Energy at the plug × grid average. */
  co2LocationMg: amount,
  /** Energy at the plug × contracts and residual mix. */
  co2MarketMg: amount,
  overheadCo2LocationMg: amount,
  overheadCo2MarketMg: amount,
} as const;

/** For how long each figure is known, in ms summed over rigs: shares of `spanMs`. What is missing is unknown, not 0. */
export const ledgerCoverageSchema = z.object({
  /** Rigs known × time; of what has not been priced yet nothing is in it. */
  spanMs: z.number(),
  energyMs: z.number(),
  hashMs: z.number(),
  earnedMs: z.number(),
  earnedMsatMs: z.number(),
  pricedMs: z.number(),
  profitMs: z.number(),
  overheadMs: z.number(),
  loadedMs: z.number(),
  weighedMs: z.number(),
  weighedMarketMs: z.number(),
});
export type LedgerCoverage = z.infer<typeof ledgerCoverageSchema>;

/**
 * The work of one algorithm, never summed with another's. `basis` says what it was counted by: shares that the pool accepted, or the
 * hashrate that the rigs report where they tell no accepted difficulty.
 */
export const ledgerAlgoSchema = z.object({
  algo: z.string(),
  /** TH/s × s. */
  hashTh: amount,
  /** As much of it as was counted by accepted shares. */
  acceptedTh: amount,
  basis: z.enum(["accepted", "reported", "mixed"]).nullable(),
  hashMs: z.number(),
  energyMwh: amount,
  energyMs: z.number(),
  revenueMicro: amount,
  revenueMsat: amount,
  /** For how long what it earned is known: in the site's currency, and in BTC, which may be longer or shorter. */
  earnedMs: z.number(),
  earnedMsatMs: z.number(),
});
export type LedgerAlgo = z.infer<typeof ledgerAlgoSchema>;

export const ledgerFiguresSchema = z.object({
  ...AMOUNTS,
  /** The share of this row in the site's own lines; null where there are none, and for rigs and groups. */
  siteLinesMicro: amount,
  coverage: ledgerCoverageSchema,
  algos: z.array(ledgerAlgoSchema),
});
export type LedgerFigures = z.infer<typeof ledgerFiguresSchema>;

export const ledgerRowSchema = ledgerFiguresSchema.extend({
  startMs: z.number(),
  endMs: z.number(),
  /** Only a part of the hour, day or month lies in the range or is priced. */
  partial: z.boolean(),
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

/** A cost of the site as a whole, in millionths: never part of a marginal figure. */
export const siteLineSchema = z.object({
  kind: z.enum(["demand", "fixed", "credit"]),
  name: z.string(),
  /** The part of it that falls into the range, as far as the ledger reaches; negative = income; null while it is not known. */
  amountMicro: amount,
  /** Its billing period is not over: it may still grow. */
  provisional: z.boolean(),
  /** A part of its time was not measured: a demand charge is a lower bound then, and what is lacking of a minimum an estimate. */
  partlyMeasured: z.boolean(),
  /** Of what time it is. */
  fromMs: z.number(),
  toMs: z.number(),
  source: z.string(),
  asOfMs: z.number().nullable(),
  note: z.string().optional(),
  /** How the amount of the whole period comes about. */
  why: billWhySchema,
});
export type SiteLine = z.infer<typeof siteLineSchema>;

/** What prices a ledger. `hashprice` and `hashpriceBtc` are per PH/s and day before pool fees, `price` per kWh, carbon kg per kWh. */
export const LEDGER_FACTORS = [
  "hashprice",
  "hashpriceBtc",
  "poolFactor",
  "price",
  "overhead",
  "carbon",
  "carbonMarket",
] as const;
export type LedgerFactor = (typeof LEDGER_FACTORS)[number];

/** Where a factor of the range is from. */
export const ledgerSourceSchema = z.object({
  kind: z.enum(LEDGER_FACTORS),
  /** Of a hashprice of another algorithm than SHA-256: which, such as `scrypt`. */
  algo: z.string().optional(),
  unit: z.string(),
  source: z.string(),
  /** First and last instant for which it was used. */
  fromMs: z.number(),
  toMs: z.number(),
  /** Dates of the oldest and newest figure from it; null where it states none. */
  oldestAsOfMs: z.number().nullable(),
  newestAsOfMs: z.number().nullable(),
  min: z.number(),
  max: z.number(),
});
export type LedgerSource = z.infer<typeof ledgerSourceSchema>;

/** Whom a ledger is of. */
const SCOPE = {
  site: z.string(),
  /** Id of a rig, such as `r7`. */
  rig: z.string().optional(),
  /** As asked for, such as `rack:A3`. */
  group: z.string().optional(),
  zone: z.string(),
  currency: z.string(),
} as const;

/** `GET /api/ledger`: rows by start, and their exact sums. */
export const ledgerSchema = z.object({
  ...SCOPE,
  step: z.enum(LEDGER_STEPS),
  /** The range as it was answered: on whole 5 minutes for a site, on whole hours for rigs. */
  fromMs: z.number(),
  toMs: z.number(),
  /** The ledger ends here: what is later is still to be priced; null where nothing is priced yet. */
  pricedToMs: z.number().nullable(),
  /** Stretches of the range that data or a changed rate has touched and that are not priced anew yet. */
  due: z.array(z.object({ fromMs: z.number(), toMs: z.number() })),
  rows: z.array(ledgerRowSchema),
  totals: ledgerFiguresSchema,
  siteLines: z.array(siteLineSchema),
  sources: z.array(ledgerSourceSchema),
  notes: z.array(z.string()),
});
export type Ledger = z.infer<typeof ledgerSchema>;

/** `GET /api/ledger/sites`: the totals of every site over a range, and sums by currency: currencies are never added up. */
export const ledgerSitesSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  sites: z.array(
    z.object({ ...SCOPE, name: z.string(), pricedToMs: z.number().nullable(), totals: ledgerFiguresSchema }),
  ),
  byCurrency: z.array(z.object({ currency: z.string(), totals: ledgerFiguresSchema })),
});
export type LedgerSites = z.infer<typeof ledgerSitesSchema>;

const maybe = z.number().nullable();

/** What another algorithm than SHA-256 did and earned in a step. */
export const explainedAlgoSchema = z.object({
  /** As its series has it, such as `scrypt`. */
  algo: z.string(),
  hashMs: z.number(),
  thsHours: maybe,
  basis: z.enum(["accepted", "reported", "mixed"]).nullable(),
  hashprice: maybe,
  /** What pools leave of it: its own where it has one, else the site's. */
  poolFactor: maybe,
  revenue: maybe,
});
export type ExplainedAlgo = z.infer<typeof explainedAlgoSchema>;

/** One 5-minute step of an explanation, at full precision: energy in kWh, work in TH/s·h, money in the currency's unit, carbon in kg. */
export const explainedStepSchema = z.object({
  startMs: z.number(),
  endMs: z.number(),
  rigs: z.int(),
  /** Time for which energy and hashrate were known, ms summed over rigs. */
  energyMs: z.number(),
  hashMs: z.number(),
  kwh: maybe,
  /** Work and hashprice of SHA-256 alone; `others` has every other algorithm that rigs worked on, each by itself. */
  thsHours: maybe,
  basis: z.enum(["accepted", "reported", "mixed"]).nullable(),
  hashprice: maybe,
  others: z.array(explainedAlgoSchema),
  hashpriceBtc: maybe,
  /** After pool and firmware; of several rigs the mean by their work. */
  poolFactor: maybe,
  /** What firmwares were measured to take, by work, and of how much of the work; null where no rig shows it. */
  devFee: z.object({ share: z.number(), ofWork: z.number() }).nullable(),
  price: maybe,
  overhead: maybe,
  carbon: maybe,
  carbonMarket: maybe,
  /** Of all algorithms whose hashprice is known, in the site's currency. */
  revenue: maybe,
  /** Of SHA-256 alone. */
  revenueBtc: maybe,
  energyCost: maybe,
  /** Of the rigs of which both sides are known, and so not always the difference of the two above. */
  marginalProfit: maybe,
  overheadKwh: maybe,
  overheadCost: maybe,
  co2LocationKg: maybe,
  co2MarketKg: maybe,
});
export type ExplainedStep = z.infer<typeof explainedStepSchema>;

/** What a figure per BTC is of, each 0–1; null where nothing was earned. */
const perBtcOfSchema = z.object({
  /** How much of the BTC earned it is of: energy, and price or factor, are known too. */
  ofEarned: maybe,
  /** For how much of that the overhead is known, and in it; for the rest it is energy at the plug alone. */
  withOverhead: maybe,
});

/** `GET /api/ledger/explain`: how the figures of a stretch came about. */
export const ledgerExplanationSchema = z.object({
  ...SCOPE,
  fromMs: z.number(),
  toMs: z.number(),
  /** As the ledger holds it. */
  booked: ledgerFiguresSchema,
  /** Sums of the steps at full precision; what is booked is this, rounded. */
  exact: explainedStepSchema
    .pick({
      kwh: true,
      thsHours: true,
      revenue: true,
      revenueBtc: true,
      energyCost: true,
      marginalProfit: true,
      overheadKwh: true,
      overheadCost: true,
      co2LocationKg: true,
      co2MarketKg: true,
    })
    .extend({
      breakEvenPerKwh: maybe,
      costPerBtc: maybe,
      kgCo2PerBtc: maybe,
      kwhPerBtc: maybe,
      /** Of what the three figures per BTC are. */
      perBtcOf: z.object({ kwh: perBtcOfSchema, cost: perBtcOfSchema, kgCo2: perBtcOfSchema }),
    }),
  steps: z.array(explainedStepSchema),
  /** How each figure is worked out, in words and symbols. */
  formulas: z.array(z.object({ figure: z.string(), formula: z.string() })),
  factors: z.array(
    ledgerSourceSchema.extend({
      /** The whole citation, where the source has one. */
      note: z.string().optional(),
    }),
  ),
  /** Of a site: its own lines that this time has a part in, each with the amount of its whole time and the part of it. */
  siteLines: z.array(siteLineSchema.extend({ partMicro: amount })),
  /** Of which figure how much time is missing, and why. */
  unknown: z.array(z.object({ figure: z.string(), ms: z.number(), why: z.string() })),
});
export type LedgerExplanation = z.infer<typeof ledgerExplanationSchema>;
