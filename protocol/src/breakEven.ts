import { z } from "zod";

const maybe = z.number().nullable();

/** What the rigs of a model, or all of them, are worth at the rates of now. Money in the site's currency; null = not known. */
export const breakEvenRowSchema = z.object({
  /** Null for the row of all. */
  model: z.string().nullable(),
  /** Rigs that report hashrate and power now; `of` how many there are. */
  rigs: z.int(),
  of: z.int(),
  hashrateThs: z.number(),
  powerW: z.number(),
  /** ΣW / ΣTH. */
  efficiencyJPerTh: maybe,
  /** The most that a kWh may cost in an hour that is run. */
  breakEvenPerKwh: maybe,
  /** Energy and overhead for 1 PH/s and day. */
  hashcostPerPhDay: maybe,
  /** Revenue after pool fees less hashcost, per PH/s and day. */
  marginPerPhDay: maybe,
  /** Price of one BTC at which energy eats all revenue. */
  breakEvenBtcPrice: maybe,
  /** How many times the present difficulty that would be, all else equal. */
  breakEvenDifficultyRatio: maybe,
});
export type BreakEvenRow = z.infer<typeof breakEvenRowSchema>;

/** Rigs of one algorithm at what that earns now. Algorithms are never summed with each other. */
export const breakEvenAlgoSchema = z.object({
  /** As its rates are named: `sha256`, `scrypt`. */
  algo: z.string(),
  hashpricePerPhDay: maybe,
  /** Of SHA-256 alone. */
  hashpriceBtcPerPhDay: maybe,
  poolFactor: z.number(),
  fleet: breakEvenRowSchema,
  models: z.array(breakEvenRowSchema),
  /** What is not known now, and what would tell it. */
  unknown: z.array(z.string()),
});
export type BreakEvenAlgo = z.infer<typeof breakEvenAlgoSchema>;

/**
 * `GET /api/break-even`: models by their break-even price, the weakest first, and all rigs of an algorithm together. Marginal: energy and
 * overhead only. The figures beside `algos` are those of SHA-256.
 */
export const breakEvenSchema = z.object({
  site: z.string(),
  currency: z.string(),
  atMs: z.number(),
  /** What it rests on now; null = not known. Without an overhead the plug alone counts. */
  hashpricePerPhDay: maybe,
  hashpriceBtcPerPhDay: maybe,
  poolFactor: z.number(),
  pricePerKwh: maybe,
  overhead: maybe,
  /** Who says so: what is set or imported for now. What meters make of it is known of hours that are over, in the ledger alone. */
  overheadSource: z.string().nullable(),
  fleet: breakEvenRowSchema,
  models: z.array(breakEvenRowSchema),
  /** Each algorithm that a rig of the site is known for, SHA-256 first, by name. */
  algos: z.array(breakEvenAlgoSchema),
});
export type BreakEven = z.infer<typeof breakEvenSchema>;
