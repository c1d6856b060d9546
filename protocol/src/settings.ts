import { z } from "zod";

/** What the law of a site's region says about mining: to inform, and no legal advice. */
export const regionNoticeSchema = z.object({
  region: z.string(),
  status: z.enum(["prohibited", "prohibited+surcharge"]),
  fact: z.string(),
  source: z.string(),
  /** The date of the fact, and when it was looked up: ISO dates. */
  date: z.string(),
  retrieved: z.string(),
});
export type RegionNotice = z.infer<typeof regionNoticeSchema>;

/** A site as `GET /api/sites` lists it. */
export const siteListSchema = z.array(
  z.object({
    site: z.string(),
    name: z.string(),
    zone: z.string(),
    currency: z.string(),
    gridRegion: z.string().nullable(),
    gridYear: z.number().nullable(),
    demo: z.boolean(),
    notices: z.array(regionNoticeSchema),
  }),
);
export type SiteList = z.infer<typeof siteListSchema>;

/** What may be set of a site. `price` adds a flat price per kWh from now on, `fxPerUsd` a rate; neither is given back here. */
export const siteChangeSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** IANA. */
  zone: z.string().min(1).max(64),
  currency: z.string().regex(/^[A-Z]{3}$/, "must be a currency code such as USD"),
  gridRegion: z.string().min(1).max(40).nullable(),
  /** The year whose factor of that region counts; null = the newest that is published. */
  gridYear: z.int().min(1990).max(2100).nullable().default(null),
  demo: z.boolean().default(false),
  price: z.number().min(-1_000).max(1_000).optional(),
  fxPerUsd: z.number().positive().max(1e9).optional(),
});
export type SiteChange = z.infer<typeof siteChangeSchema>;

/** A site's settings. `etag` goes into If-Match of a change. */
export const siteSettingsSchema = z.object({
  site: z.string(),
  name: z.string(),
  zone: z.string(),
  currency: z.string(),
  gridRegion: z.string().nullable(),
  gridYear: z.number().nullable(),
  /** Years of which its region has a factor, newest first. */
  gridYears: z.array(z.number()),
  demo: z.boolean(),
  etag: z.string(),
  /** Flat prices by date, oldest first; a tariff that is valid comes before them. */
  prices: z.array(
    z.object({ validFromMs: z.number(), pricePerKwh: z.number(), currency: z.string(), source: z.string() }),
  ),
  notices: z.array(regionNoticeSchema),
});
export type SiteSettings = z.infer<typeof siteSettingsSchema>;

/** A document that an operator edits. Its body is as it was written; a secret in it reads `***`. */
export const settingSchema = z.object({
  kind: z.string(),
  /** "" = of the whole installation. */
  site: z.string(),
  id: z.string(),
  body: z.unknown(),
  changedMs: z.number(),
  /** For If-Match of a change. */
  etag: z.string(),
  /** What is wrong with it by the rules of this version; it then counts for nothing. */
  problems: z.array(z.string()).optional(),
});
export type Setting = z.infer<typeof settingSchema>;
export const settingsSchema = z.array(settingSchema);

/** Hours whose figures a change of an input touches. `toMs` null = no end. */
export const repriceRangeSchema = z.object({
  site: z.string(),
  /** Which input: `price`, `hashprice`, `carbon`, … */
  input: z.string(),
  fromMs: z.number(),
  toMs: z.number().nullable(),
});
export type RepriceRange = z.infer<typeof repriceRangeSchema>;

/** What a change of a document did. */
export const settingChangedSchema = z.object({
  setting: settingSchema.nullable(),
  reprice: z.array(repriceRangeSchema),
});
export type SettingChanged = z.infer<typeof settingChangedSchema>;

/** A stretch of time with one energy price; `pricePerKwh` null = unknown. */
export const previewSlotSchema = z.object({
  startMs: z.number(),
  endMs: z.number(),
  pricePerKwh: z.number().nullable(),
  /** The band, tier or series that makes it. */
  band: z.string().nullable(),
  /** Before losses and tax. */
  parts: z.array(z.object({ name: z.string(), perKwh: z.number() })),
  lossesPercent: z.number(),
  taxPercent: z.number(),
  tariff: z.string().nullable(),
  source: z.string().nullable(),
});
export type PreviewSlot = z.infer<typeof previewSlotSchema>;

/** What a change of tariffs would re-price of the past. Money in the site's currency; null = not known for all of it. */
export const repricePreviewSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  /** Hours of the past with energy whose price would change, and rigs with energy in them. */
  hours: z.number(),
  rigs: z.number(),
  kwh: z.number(),
  costBefore: z.number().nullable(),
  costAfter: z.number().nullable(),
});
export const tariffPreviewSchema = z.object({
  site: z.string(),
  zone: z.string(),
  currency: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  slots: z.array(previewSlotSchema),
  /** Null where nothing of the past changes its price. */
  reprice: repricePreviewSchema.nullable(),
});
export type TariffPreview = z.infer<typeof tariffPreviewSchema>;

/** Which hours of a site a change would price anew, by input. */
export const changePreviewSchema = z.object({
  reprice: z.array(
    repriceRangeSchema.extend({
      /** Hours of the ledger within that range, and how many hours of rigs these hold; what is to come is not counted. */
      hours: z.number(),
      rigHours: z.number(),
    }),
  ),
});
export type ChangePreview = z.infer<typeof changePreviewSchema>;

/** What an import did or would do. With an error nothing of it is done. */
export const settingsImportSchema = z.object({
  applied: z.boolean(),
  changes: z.array(
    z.object({
      kind: z.string(),
      site: z.string(),
      id: z.string(),
      change: z.enum(["added", "changed", "same"]),
    }),
  ),
  errors: z.array(z.object({ line: z.number().nullable(), path: z.string(), message: z.string() })),
});
export type SettingsImport = z.infer<typeof settingsImportSchema>;

/** A tariff read from another format, to be put; null where something of it is not supported. */
export const urdbImportSchema = z.object({
  tariff: z.record(z.string(), z.unknown()).nullable(),
  notes: z.array(z.string()),
  defects: z.array(z.string()),
});
export type UrdbImported = z.infer<typeof urdbImportSchema>;

/** The highest mean power that a demand row is made of. */
const peakSchema = z.object({ startMs: z.number(), endMs: z.number(), kw: z.number() });

/** How the amount of a row comes about; the dashboard has each in words, `docs/money-and-carbon.md` too. */
export const BILL_FORMULAS = [
  "energyBand",
  "energyTier",
  "energyContract",
  "energyMarket",
  "adder",
  "losses",
  "demandMaximum",
  "demandRatchet",
  "demandContracted",
  "demandCoincident",
  "fixed",
  "minimum",
  "tax",
  "credit",
  "monthlyCost",
] as const;
export type BillFormula = (typeof BILL_FORMULAS)[number];
/** What goes into a formula, in its own order. */
export const BILL_INPUTS = [
  "kwh",
  "pricePerKwh",
  "base",
  "percent",
  "meanKw",
  "minutes",
  "powerFactor",
  "billedKw",
  "billedKva",
  "contractedKva",
  "pricePerKw",
  "pricePerKva",
  "perMonth",
  "periodShare",
  "minimum",
  "expected",
  "amount",
  "taxPercent",
] as const;
export type BillInput = (typeof BILL_INPUTS)[number];
/** The arithmetic of a row: its formula, the figures that go in, and where and of when its prices are. */
export const billWhySchema = z.object({
  formula: z.enum(BILL_FORMULAS),
  /** The same in words and symbols. */
  text: z.string(),
  /** `value` null = unknown, which makes the amount unknown. Money in the bill's currency. */
  inputs: z.array(z.object({ name: z.enum(BILL_INPUTS), value: z.number().nullable() })),
  source: z.string(),
  asOfMs: z.number().nullable(),
});
export type BillWhy = z.infer<typeof billWhySchema>;

export const BILL_LINE_KINDS = [
  "energy",
  "adder",
  "losses",
  "demand",
  "fixed",
  "minimum",
  "tax",
  "credit",
] as const;
/** A row of a bill. `amount` null = unknown. */
export const billLineSchema = z.object({
  kind: z.enum(BILL_LINE_KINDS),
  name: z.string(),
  quantity: z.number().nullable(),
  unit: z.enum(["kWh", "kW", "kVA", "month", "%"]).nullable(),
  /** Per unit. */
  price: z.number().nullable(),
  amount: z.number().nullable(),
  /** It may still change while the period is open. */
  provisional: z.boolean(),
  /** What is known of it is a lower bound: a part of the time was not measured. */
  atLeast: z.boolean(),
  peak: peakSchema.optional(),
  note: z.string().optional(),
  why: billWhySchema,
});
export type BillLine = z.infer<typeof billLineSchema>;

/** What a tariff comes to in a billing period, or in the part of one in which it is valid. */
export const billSchema = z.object({
  site: z.string(),
  tariff: z.string(),
  name: z.string(),
  currency: z.string(),
  source: z.string(),
  period: z.object({ name: z.string(), startMs: z.number(), endMs: z.number() }),
  /** The period is not over. */
  open: z.boolean(),
  /** Up to when it was measured. */
  toMs: z.number(),
  /** Share of the time up to `toMs` for which power is known, 0–1. */
  coverage: z.number(),
  /** What the energy was measured by. */
  basis: z.enum(["meter", "rigs", "meter and rigs"]),
  /** What the rigs' energy was multiplied by for what the site draws beside its plugs; null where it was not. */
  overhead: z.number().nullable(),
  kwh: z.number(),
  lines: z.array(billLineSchema),
  /** Null where a row is unknown, and where nothing was measured. */
  total: z.number().nullable(),
  /** Of what was known: a lower bound. */
  atLeast: z.boolean(),
});
export type Bill = z.infer<typeof billSchema>;
export const billsSchema = z.array(billSchema);
