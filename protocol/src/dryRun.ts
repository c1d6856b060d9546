import { z } from "zod";
import { SEVERITIES } from "./alertRules.js";

const number = z.number().min(-1e9).max(1e9);
const seconds = z.number().min(0).max(604_800);

/** Settings to be tried in place of a rule's own. */
export const triedSettingsSchema = z.strictObject({
  limit: number.optional(),
  clear: number.optional(),
  holdS: seconds.optional(),
  samples: z.int().min(1).max(100).optional(),
  resolveS: seconds.optional(),
  severity: z.enum(SEVERITIES).optional(),
});

/** What is to be tried on stored history: a rule by its id, or one as it would be written; with one or two settings side by side. */
export const dryRunOrderSchema = z
  .strictObject({
    rule: z.string().min(1).max(64).optional(),
    when: z.string().min(1).max(500).optional(),
    site: z.string().max(64).optional(),
    fromMs: z.number().min(0).max(8.64e15),
    toMs: z.number().min(0).max(8.64e15),
    settings: z.array(triedSettingsSchema).min(1).max(2).default([{}]),
  })
  .refine(
    ({ rule, when }) => (rule === undefined) !== (when === undefined),
    "name a rule, or write one as when",
  )
  .refine(({ fromMs, toMs }) => toMs > fromMs, "toMs must be after fromMs");
export type DryRunOrder = z.infer<typeof dryRunOrderSchema>;

/** What a rule would have told with one of the settings. */
const triedSchema = z.object({
  settings: triedSettingsSchema,
  /** How often it would have fired, of how many rigs, and for how long together. */
  fired: z.int(),
  rigs: z.int(),
  firingMs: z.number(),
  /** The first of them, by time; `resolvedMs` is null where it went on. */
  alerts: z.array(
    z.object({
      /** null for what is no rig. */
      rig: z.int().nullable(),
      name: z.string(),
      firedMs: z.number(),
      resolvedMs: z.number().nullable(),
      reason: z.string(),
    }),
  ),
});
export const dryRunSchema = z.object({
  rule: z.string(),
  subject: z.enum(["rig", "site", "agent", "pool", "market"]),
  fromMs: z.number(),
  toMs: z.number(),
  /** Single readings, or 5-minute rows, in which a breach of less than five minutes may be lost; mixed: rows before `rawFromMs`. */
  basis: z.enum(["raw", "5m", "mixed"]),
  rawFromMs: z.number().nullable(),
  /** For what share of the time, of all rigs or sites together, there is any history. */
  coverage: z.number().min(0).max(1),
  /** Rigs with any history in this time (sites, agents, pools or networks where the rule is one of these), and those that the rule could judge at all by it. */
  rigs: z.int(),
  judged: z.int(),
  tried: z.array(triedSchema),
});
export type DryRun = z.infer<typeof dryRunSchema>;
