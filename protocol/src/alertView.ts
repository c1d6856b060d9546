import { z } from "zod";
import { alertAckSchema } from "./alerting.js";
import { SEVERITIES, SUBJECT_KINDS } from "./alertRules.js";

const maybe = z.number().nullable();

/** What an alert is about. `id` is unique within its kind: `r7`, `r7/2` for a board's slot, a site's name, `site/agent`, … */
export const alertSubjectSchema = z.object({
  kind: z.enum(SUBJECT_KINDS),
  id: z.string(),
  name: z.string(),
});
export type AlertSubject = z.infer<typeof alertSubjectSchema>;

export const alertViewSchema = z.object({
  id: z.string(),
  /** One of RULE_IDS, or the id of a rule of the operator's own. */
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  state: z.enum(["pending", "firing", "resolved"]),
  /** Empty where it is of no site: the server, a market. */
  site: z.string(),
  subject: alertSubjectSchema,
  /** The rig, where the subject is one or a part of one. */
  rig: z.int().optional(),
  rigName: z.string().optional(),
  model: z.string().optional(),
  pendingMs: z.number(),
  firedMs: maybe,
  resolvedMs: maybe,
  /** What was measured, its limit, and where the limit comes from; in `unit`. */
  value: maybe,
  limit: maybe,
  unit: z.string(),
  limitSource: z.string().optional(),
  /** One English sentence: what, how bad, why. */
  reason: z.string(),
  /** Money lost per hour while it lasts, in `currency`; null = unknown. */
  lossPerH: maybe,
  currency: z.string().optional(),
  /** How often it has fired, where it fired again soon after its end; absent = once. `pendingMs` and `firedMs` are of the latest round. */
  rounds: z.int().optional(),
  /** When the first of several rounds fired. */
  firstFiredMs: z.number().optional(),
  /** Nobody is notified of this round before then: it follows soon on one that they were told of. */
  quietUntilMs: z.number().optional(),
  /** Somebody has taken it up: it is not said again. */
  ack: alertAckSchema.optional(),
  /** Nobody is told of it before then. */
  snoozedUntilMs: z.number().optional(),
  /** Id of the silence that it fits now. */
  silencedBy: z.string().optional(),
  /** What several alike alerts are rolled up into: how many there are now, how many were, and the first of them. */
  members: z.object({ count: z.int(), peak: z.int(), subjects: z.array(alertSubjectSchema) }).optional(),
  /** Id of the alert that this one is rolled up into: nobody is notified of this one by itself. */
  partOf: z.string().optional(),
  /** Since when what it rests on is not known; it stays as it was meanwhile. */
  unknownSinceMs: z.number().optional(),
  /** Another alert of the same rig that may be why: its reason. */
  probableCause: z.string().optional(),
});
export type AlertView = z.infer<typeof alertViewSchema>;

/** One of the alerts that stand under another. */
export const alertMemberSchema = alertViewSchema.pick({
  id: true,
  rig: true,
  subject: true,
  firedMs: true,
  reason: true,
});
export type AlertMember = z.infer<typeof alertMemberSchema>;
