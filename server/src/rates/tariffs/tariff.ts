import { z } from "zod";
import { type DayStretch, parseStretch, stretchText } from "./hours.js";

/** Bounds of a price in currency units per kWh; it may be negative. */
const price = z.number().min(-1_000).max(1_000);
const amount = z.number().min(-1e9).max(1e9);
const name = z.string().trim().min(1).max(100);
const date = z.iso.date("must be a date such as 2026-08-01");
const percent = z.number().min(0).max(100);

const stretch = z.codec(z.string(), z.custom<DayStretch>(), {
  decode: (text, context) => {
    const parsed = parseStretch(text);
    if (parsed) return parsed;
    context.issues.push({
      code: "custom",
      input: text,
      message: `"${text.slice(0, 40)}" is no stretch of hours such as 7-9, 16:30-21 or 22-6`,
    });
    return z.NEVER;
  },
  encode: stretchText,
});
const localTimes = {
  /** 1–12; absent = all. */
  months: z.array(z.int().min(1).max(12)).min(1).max(12).optional(),
  /** Absent = all days. A holiday is neither workday nor weekend. */
  days: z
    .array(z.enum(["workday", "weekend", "holiday"]))
    .min(1)
    .max(3)
    .optional(),
  /** Local hours as in "7-9"; absent = the whole day. */
  hours: z.array(stretch).min(1).max(24).optional(),
};

const flat = z.strictObject({ kind: z.literal("flat"), price });
/** Time of use: the last rule that fits a moment says its band. */
const timeOfUse = z.strictObject({
  kind: z.literal("timeOfUse"),
  bands: z.record(name, price),
  rules: z
    .array(z.strictObject({ ...localTimes, band: name }))
    .min(1)
    .max(500),
});
/** Blocks of consumption within a billing period, each with its own price; the last has no end. */
const tiered = z.strictObject({
  kind: z.literal("tiered"),
  tiers: z
    .array(z.strictObject({ upToKwh: z.number().positive().max(1e12).optional(), price }))
    .min(1)
    .max(50),
});
/** A supply contract for so much a billing period at a price of its own; what exceeds it costs another. */
const capped = z.strictObject({
  kind: z.literal("capped"),
  price,
  capKwh: z.number().positive().max(1e12),
  over: z.discriminatedUnion("kind", [flat, timeOfUse]),
});
/** Prices of a market, read elsewhere; `factor` and `add` are applied to each. */
const series = z.strictObject({
  kind: z.literal("series"),
  series: name,
  factor: z.number().min(-1_000).max(1_000).default(1),
  add: price.default(0),
});

const perKwh = z.strictObject({ name, perKwh: price, ...localTimes });
/** The highest mean power of a billing period has a price. */
const maximum = z.strictObject({
  kind: z.literal("maximum"),
  name,
  /** The mean is over so many minutes of the clock. */
  minutes: z.union([z.literal(15), z.literal(30), z.literal(60)]),
  perKw: z.number().min(0).max(1e6),
  /** Only means that lie in these times as a whole count. */
  ...localTimes,
  /** What is billed is at least `percent` of the highest of the last `months` periods. */
  ratchet: z.strictObject({ percent, months: z.int().min(1).max(24) }).optional(),
  /** kW are divided by it where kVA are billed. */
  powerFactor: z.number().min(0.1).max(1).optional(),
});
/** What was contracted has a price, used or not. */
const contracted = z.strictObject({
  kind: z.literal("contracted"),
  name,
  kva: z.number().positive().max(1e7),
  perKva: z.number().min(0).max(1e6),
});
/** The mean power during the system's own peaks, known afterwards, has a price per month. */
const coincident = z.strictObject({
  kind: z.literal("coincident"),
  name,
  perKwMonth: z.number().min(0).max(1e6),
  peaks: z
    .array(z.strictObject({ start: z.iso.datetime({ offset: true }), minutes: z.int().min(5).max(120) }))
    .min(1)
    .max(50),
});

/** A tariff as it is written down: by a person, a file or the API. Amounts are in `currency`, prices per kWh. */
export const tariffSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, "must be a name of a–z, 0–9 and hyphens, at most 64"),
  name,
  currency: z.string().regex(/^[A-Z]{3}$/, "must be a currency code such as USD"),
  /** Local dates, the second not included; absent = no end. */
  validFrom: date,
  validTo: date.optional(),
  /** Where the figures are from, and their date. */
  source: z.string().trim().min(1).max(300),
  asOf: date.optional(),
  energy: z.discriminatedUnion("kind", [flat, timeOfUse, tiered, capped, series]),
  adders: z.array(perKwh).max(50).default([]),
  /** Bought for each 100 kWh that the meter shows. */
  lossesPercent: percent.default(0),
  demand: z
    .array(z.discriminatedUnion("kind", [maximum, contracted, coincident]))
    .max(20)
    .default([]),
  monthly: z.array(z.strictObject({ name, amount })).max(50).default([]),
  /** What all of the above comes to in a billing period at least: what it lacks of it is charged too. */
  minimumCharge: z.number().positive().max(1e9).optional(),
  /** On everything above. */
  taxPercent: percent.default(0),
  /** Paid to the customer, for curtailment or demand response: each is taken off the bill of the period that its date lies in, after tax. */
  credits: z
    .array(z.strictObject({ name, date, amount: z.number().positive().max(1e9) }))
    .max(1_000)
    .default([]),
  /** The day on which the meter is read: a billing period begins with it. */
  readingDay: z.int().min(1).max(28).default(1),
  /** Local dates. */
  holidays: z.array(date).max(1_000).default([]),
});
export type Tariff = z.infer<typeof tariffSchema>;
/** A tariff as a person writes it: hours as text. */
export type WrittenTariff = z.input<typeof tariffSchema>;
export type Energy = Tariff["energy"];
export type TimeOfUse = z.infer<typeof timeOfUse>;
export type Tier = z.infer<typeof tiered>["tiers"][number];
export type DemandTerm = Tariff["demand"][number];
export type MaximumDemand = z.infer<typeof maximum>;
