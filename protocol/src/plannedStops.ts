import { z } from "zod";
import { plainText } from "./plainText.js";

const word = z
  .string()
  .transform((text) => plainText(text).trim())
  .pipe(z.string().min(1, "is empty").max(100));
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "is no time of day; write 22:00");
const instant = z.number().min(0).max(1e14);

/** When rigs are stopped: once, or on days of the week (1 = Monday) in the site's own time; an end before its beginning is on the next day. */
export const stopTimeSchema = z.union([
  z
    .strictObject({ fromMs: instant, toMs: instant })
    .refine(({ fromMs, toMs }) => toMs > fromMs, "ends before it begins: toMs must be after fromMs"),
  z.strictObject({
    days: z.array(z.int().min(1).max(7)).min(1).max(7),
    from: clock,
    to: clock,
    /** Holds from and until these instants only. */
    sinceMs: instant.optional(),
    untilMs: instant.optional(),
  }),
]);
export type StopTime = z.infer<typeof stopTimeSchema>;

/** A planned stop of a site, or of those of its rigs that a pattern names: `rack-3/*`, `row 1`, a rig's name. */
export const plannedStopSchema = z.strictObject({
  name: word,
  rigs: z.array(word).min(1).max(100).optional(),
  time: stopTimeSchema,
});
export type PlannedStop = z.infer<typeof plannedStopSchema>;

/** A planned stop as it stands. `phase`: what it does now; the window is the one that is under way, or the next. */
export const plannedStopViewSchema = plannedStopSchema.extend({
  site: z.string(),
  id: z.string(),
  phase: z.enum(["stopped", "coming back"]).nullable(),
  window: z.object({ fromMs: z.number(), toMs: z.number() }).nullable(),
  /** Rigs that it means. */
  count: z.int(),
});
export type PlannedStopView = z.infer<typeof plannedStopViewSchema>;
