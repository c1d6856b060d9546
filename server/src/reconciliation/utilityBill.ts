import { z } from "zod";

const word = z.string().min(1).max(100);

/** A bill of the utility, as it is kept. Money in millionths of `currency`, energy in Wh. */
export const utilityBillSchema = z.strictObject({
  kind: z.literal("bill"),
  meter: word,
  fromMs: z.int(),
  toMs: z.int(),
  currency: z.string().regex(/^[A-Z]{3}$/, "must be a currency code such as USD"),
  /** All of it, tax included. */
  amount: z.int(),
  /** Of that: absent = not said. */
  demand: z.int().optional(),
  fixed: z.int().optional(),
  tax: z.int().optional(),
  energyWh: z.int().optional(),
  demandKw: z.number().min(0).optional(),
  reference: word.optional(),
});
export type UtilityBill = z.infer<typeof utilityBillSchema>;

/** What the utility's meter counted over one day of the site's zone, in intervals of one length. Wh; null = the utility has none. */
export const meterDaySchema = z.strictObject({
  kind: z.literal("meterDay"),
  meter: word,
  startMs: z.int(),
  endMs: z.int(),
  stepMs: z.int().positive(),
  energyWh: z.array(z.int().nullable()).max(1_500),
});
export type MeterDay = z.infer<typeof meterDaySchema>;

/** What lies under `bill` among the documents. */
export const utilityDocumentSchema = z.discriminatedUnion("kind", [utilityBillSchema, meterDaySchema]);

export const billKey = ({ meter, fromMs }: UtilityBill): string => `${meter}/${fromMs}`.toLowerCase();
export const meterDayKey = ({ meter, startMs }: MeterDay): string => `${meter}/day/${startMs}`.toLowerCase();
