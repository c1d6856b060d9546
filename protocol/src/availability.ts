import { z } from "zod";

const ms = z.number().min(0);

/**
 * What became of the time of a rig, or of the rigs of a site together: the four parts make up `rangeMs`. A share of availability is
 * `upMs` of `upMs` and `downMs`; null where both are 0.
 */
export const availabilitySchema = z.object({
  rangeMs: ms,
  /** It mined, or was about to. */
  upMs: ms,
  /** It stood still, or did not answer whoever read it, and nobody had planned that. */
  downMs: ms,
  /** In planned stops, whatever it did in them. */
  plannedMs: ms,
  /** Nobody read it. */
  unknownMs: ms,
  /** Of `downMs`: it answered, and stood still. */
  standingMs: ms,
  ratio: z.number().min(0).max(1).nullable(),
});
export type Availability = z.infer<typeof availabilitySchema>;

const span = { fromMs: z.number(), toMs: z.number() };

/** Of one rig, over the range as far as there are rows for it: to five minutes. */
export const rigAvailabilitySchema = availabilitySchema.extend({ ...span, rig: z.string() });
export type RigAvailability = z.infer<typeof rigAvailabilitySchema>;

/** Of the rigs of a site together; of those that were down for longest each. */
export const siteAvailabilitySchema = availabilitySchema.extend({
  ...span,
  site: z.string(),
  rigs: z.int(),
  /** Rigs in repair, retired or replaced, which are in none of it. */
  leftOut: z.int(),
  worst: z.array(availabilitySchema.extend({ rig: z.string(), name: z.string() })),
});
export type SiteAvailability = z.infer<typeof siteAvailabilitySchema>;
