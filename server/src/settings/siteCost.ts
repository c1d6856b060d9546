import { z } from "zod";

const date = z.iso.date("must be a date such as 2026-08-01");

/** What a site costs each month beside its energy, run or stopped: rent, people, insurance. Part of the fully loaded cost alone. */
export const siteCostSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/, "must be a name of a–z, 0–9 and hyphens, at most 64"),
  name: z.string().trim().min(1).max(100),
  /** In the site's currency. */
  perMonth: z.number().min(0).max(1e9),
  /** Local dates, the second not included; absent = no end. */
  validFrom: date,
  validTo: date.optional(),
  source: z.string().trim().min(1).max(300),
});
export type SiteCost = z.infer<typeof siteCostSchema>;
