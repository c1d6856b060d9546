import { z } from "zod";

/** The key `clock` of a config: see `ClockRate`. Only for trials with simulated rigs: what is stored has stamps of that time. */
export const clockRateSchema = z.strictObject({
  /** Epoch ms at which this time and the machine's show the same. */
  originMs: z.number().min(0).max(8.64e15),
  /** How many times as fast it passes. */
  speed: z.number().min(0.1).max(120),
});
