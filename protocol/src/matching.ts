import { z } from "zod";

/**
 * `GET /api/matching`: how much of a site's energy (by its meters where they cover an hour, else at the plugs) contracts supplied in the
 * very hours in which it was drawn. Shares 0–1; null = nothing was drawn, or what a contract generated is not known.
 */
export const matchingSchema = z.object({
  site: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  hourly: z.number().nullable(),
  /** As if what was supplied could be moved within the range. */
  annual: z.number().nullable(),
  loadKwh: z.number(),
  unmatchedKwh: z.number().nullable(),
  hours: z.int(),
  /** Hours with energy of which the supply, or the load that it is set against, is not known; they are in no share. */
  unknownHours: z.int(),
  contracts: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      kind: z.enum(["ppa", "certificates", "own"]),
      kgPerKwh: z.number(),
      validFrom: z.string(),
      validTo: z.string().optional(),
      source: z.string(),
      /** What of the load it covered in its hours, of those that are known; null where none is. */
      usedKwh: z.number().nullable(),
    }),
  ),
});
export type Matching = z.infer<typeof matchingSchema>;
