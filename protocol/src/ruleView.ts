import { z } from "zod";
import { SEVERITIES, SUBJECT_KINDS } from "./alertRules.js";

/** A rule that comes with the server, with its defaults. `limit` and `clear` are in `unit`, null where it knows no such number. */
export const ruleViewSchema = z.object({
  id: z.string(),
  subject: z.enum(SUBJECT_KINDS),
  severity: z.enum(SEVERITIES),
  limit: z.number().nullable(),
  clear: z.number().nullable(),
  unit: z.string().nullable(),
  holdMs: z.number(),
  samples: z.int(),
  resolveHoldMs: z.number(),
  /** What it judges by is stored, so that it can be tried on history. */
  canBeTried: z.boolean(),
});
export type RuleView = z.infer<typeof ruleViewSchema>;

/** Every rule that comes with the server, and the numbers of a rig that a rule of one's own may compare. */
export const ruleListSchema = z.object({
  rules: z.array(ruleViewSchema),
  fields: z.array(z.object({ name: z.string(), unit: z.string() })),
});
export type RuleList = z.infer<typeof ruleListSchema>;
