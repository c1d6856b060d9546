import { z } from "zod";
import { refusedRowSchema } from "./register.js";

/** What explains a part of a difference; the order is the one in which they are taken off. */
export const DIFFERENCE_CAUSES = [
  "coverage",
  "overhead",
  "hashrate",
  "devFee",
  "poolFee",
  "luck",
  "energy",
  "demand",
  "fixed",
] as const;
export type DifferenceCause = (typeof DIFFERENCE_CAUSES)[number];

/** One explained part: what it is and how much of the difference it makes up. */
export const differencePartSchema = z.object({
  cause: z.enum(DIFFERENCE_CAUSES),
  amount: z.int(),
  /** By what the figure before it is multiplied; absent where it is added. */
  factor: z.number().optional(),
});
export type DifferencePart = z.infer<typeof differencePartSchema>;

/**
 * One period, computed beside paid or billed. Amounts are integers of the table's `unit`; null = not known. `difference` is paid − computed
 * = the sum of `parts` + `rest`.
 */
export const reconciledRowSchema = z.object({
  /** Who paid or billed: pool and account, or meter. */
  of: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  computed: z.int().nullable(),
  paid: z.int(),
  difference: z.int().nullable(),
  parts: z.array(differencePartSchema),
  rest: z.int().nullable(),
  /** Share of the period's time that was measured, 0–1; null where no rig was known. */
  coverage: z.number().nullable(),
  /** What the payer says it counted, beside what was measured: PH/s of a pool, kWh of a utility; null = not said or not known. */
  counted: z.number().nullable(),
  measured: z.number().nullable(),
  /** The payer's own name for it. */
  reference: z.string().optional(),
});
export type ReconciledRow = z.infer<typeof reconciledRowSchema>;

/**
 * A month of the site's zone: the periods that begin in it. `paid` is of all of them; `paidKnown`, and what is compared with it, of those that
 * are computed as well.
 */
export const reconciledMonthSchema = reconciledRowSchema
  .omit({ reference: true, of: true, counted: true, measured: true })
  .extend({ paidKnown: z.int(), periods: z.int(), periodsKnown: z.int() });
export type ReconciledMonth = z.infer<typeof reconciledMonthSchema>;

/** Computed beside paid. `unit`: `mSat` = thousandths of a satoshi; `millionths` of `currency`; `Wh`. */
export const reconciledTableSchema = z.object({
  unit: z.enum(["mSat", "millionths", "Wh"]),
  rows: z.array(reconciledRowSchema),
  months: z.array(reconciledMonthSchema),
});
export type ReconciledTable = z.infer<typeof reconciledTableSchema>;

/** `GET /api/reconciliation`. */
export const reconciliationSchema = z.object({
  site: z.string(),
  zone: z.string(),
  currency: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  /** What pools paid, in BTC. */
  payouts: reconciledTableSchema,
  /** What the utility billed, in the site's currency. */
  bills: reconciledTableSchema,
  /** What the utility's own meter counted, by day. */
  meter: reconciledTableSchema,
  /** What was left out and why: other coins, other currencies. */
  notes: z.array(z.string()),
});
export type Reconciliation = z.infer<typeof reconciliationSchema>;

/** What an import did, or would do: of a file with a refused row nothing is taken. */
export const statementImportSchema = z.object({
  added: z.int(),
  changed: z.int(),
  same: z.int(),
  refusedRows: z.int(),
  /** The first of them. */
  refused: z.array(refusedRowSchema),
});
export type StatementImport = z.infer<typeof statementImportSchema>;
