import { z } from "zod";

const maybe = z.number().nullable();

/** A series of rates that was fetched or imported. */
export const rateSeriesViewSchema = z.object({
  series: z.string(),
  unit: z.string(),
  slots: z.int(),
  fromMs: z.number(),
  /** Null = the last figure holds until a newer one is known. */
  toMs: maybe,
  /** The newest figure, its source and date. */
  value: z.number(),
  source: z.string(),
  note: z.string().optional(),
  asOfMs: maybe,
});
export type RateSeriesView = z.infer<typeof rateSeriesViewSchema>;

/** A source: what it gives, and how it is. */
export const rateSourceViewSchema = z.object({
  id: z.string(),
  kind: z.string(),
  /** Who names it: the server's config, or the settings, where it is changed. */
  from: z.enum(["config", "settings"]),
  series: z.array(z.string()),
  everyMs: z.number(),
  /** Sites that it names and that nobody has set up or told of: its figures are for none of these. */
  strangeSites: z.array(z.string()),
  /** What its licence wants to be said beside its figures. */
  attribution: z.string().optional(),
  /** When it last gave figures, and when it is asked next; null before the first time, and at the end. */
  succeededMs: maybe,
  nextMs: maybe,
  /** Null while it works. */
  problem: z.object({ text: z.string(), sinceMs: z.number() }).nullable(),
  /** The last failure, past or present; null where there was none since the server began. */
  lastError: z.object({ text: z.string(), atMs: z.number() }).nullable(),
  /** The newest figure that is known of each of its series, whoever gave it; `asOfMs` its date. */
  values: z.array(
    z.object({ series: z.string(), value: z.number(), unit: z.string(), source: z.string(), asOfMs: maybe }),
  ),
});
export type RateSourceView = z.infer<typeof rateSourceViewSchema>;

/** What is known of the Bitcoin network, and what follows from it. */
export const networkViewSchema = z.object({
  difficulty: z.number(),
  height: z.number(),
  /** Hashes per second by its difficulty: more than a whole number of JSON holds. */
  hashrateHs: z.number(),
  subsidyBtc: z.number(),
  /** Mean of a block; null = not known. */
  feesBtc: maybe,
  /** Blocks that 1 PH/s is expected to find in a day. */
  blocksPerPhDay: z.number(),
  /** Fees of a block with which a quoted hashprice was made; null where none is quoted. */
  impliedFeesBtc: maybe,
  blocksToRetarget: z.number(),
  /** Change of the difficulty if blocks go on coming as they do, percent; null where the begin of the epoch is not known. */
  retargetPercent: maybe,
  asOfMs: maybe,
});
export type NetworkView = z.infer<typeof networkViewSchema>;

export const ratesViewSchema = z.object({
  /** Null where its difficulty or height is not known. */
  network: networkViewSchema.nullable(),
  series: z.array(rateSeriesViewSchema),
  sources: z.array(rateSourceViewSchema),
});
export type RatesView = z.infer<typeof ratesViewSchema>;

/** A CSV file of rates to be imported, or only to be looked at. */
export const rateImportBodySchema = z.strictObject({
  csv: z.string(),
  /** The series of all rows, where the file has no column `series`. */
  series: z.string().max(100).optional(),
  /** What messages call the file, and what is said beside rows without a source. */
  file: z.string().trim().min(1).max(200).optional(),
  /** Says what would change, and changes nothing. */
  dryRun: z.boolean().default(false),
});

/** What an import did, or would do. Of a file with an error nothing is taken, and it is refused. */
export const rateImportSchema = z.object({
  applied: z.boolean(),
  rows: z.int(),
  series: z.array(
    z.object({
      series: z.string(),
      unit: z.string(),
      slots: z.int(),
      fromMs: z.number(),
      toMs: maybe,
      /** Slots held before that it took the place of, whole or in part. */
      replaced: z.int(),
      /** Over which range values are others than before; null where none is. `toMs` null = no end. */
      changed: z.object({ fromMs: z.number(), toMs: maybe }).nullable(),
    }),
  ),
});
export type RateImport = z.infer<typeof rateImportSchema>;
