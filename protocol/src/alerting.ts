import { z } from "zod";
import { SEVERITIES } from "./alertRules.js";
import { CHANNEL_KINDS, CHANNEL_SECRETS } from "./channelKinds.js";
import { plainText } from "./plainText.js";

const line = (max: number) =>
  z
    .string()
    .max(max)
    .transform((text) => plainText(text).trim());
const name = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "must be of a–z, 0–9 and hyphens");
const address = z
  .string()
  .max(254)
  .regex(/^[^\s<>,;:"@]+@[^\s<>,;:"@]+$/, "must be an address such as ops@example.com");
const secret = z.string().min(1).max(2_000);

/** What is said of a channel, secrets among it. */
export const channelInputSchema = z.strictObject({
  kind: z.enum(CHANNEL_KINDS),
  name: line(100).optional(),
  /** Off: nothing is sent, and nothing is queued for it. */
  off: z.boolean().optional(),
  /** Where it is sent to: of a webhook, an Alertmanager, Discord, Slack, an ntfy topic; of Telegram only a server of one's own. */
  url: secret.optional(),
  /** Of a bot (Telegram), or a bearer's (ntfy, Alertmanager). */
  token: secret.optional(),
  /** Signs what a webhook gets. */
  key: secret.optional(),
  chat: z
    .string()
    .regex(/^(-?\d{1,20}|@\w{4,64})$/, "must be a chat's number or @name")
    .optional(),
  host: z
    .string()
    .regex(/^[\w.:-]{1,253}$/, "must be the name or address of a mail server")
    .optional(),
  port: z.int().min(1).max(65_535).optional(),
  /** `starttls` (default; refused without), `tls` from the first byte, or `none`. */
  tls: z.enum(["starttls", "tls", "none"]).optional(),
  username: z.string().min(1).max(200).optional(),
  password: secret.optional(),
  from: address.optional(),
  to: z.array(address).min(1).max(50).optional(),
  /** PEM of the authorities that the receiver's certificate may be of, in the place of those that are known to all. */
  ca: z.string().max(100_000).optional(),
});
export type ChannelInput = z.infer<typeof channelInputSchema>;

/** A channel as it is told: of secrets only which it has. */
export const channelViewSchema = z.object({
  id: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  name: z.string().optional(),
  /** `config`: the config file rules; others are changed here. */
  origin: z.enum(["config", "state"]),
  off: z.boolean(),
  secrets: z.array(z.enum(CHANNEL_SECRETS)),
  /** Secrets that it had and that must be told again: the key that sealed them is not there. */
  lost: z.array(z.enum(CHANNEL_SECRETS)).optional(),
  chat: z.string().optional(),
  host: z.string().optional(),
  port: z.int().optional(),
  tls: z.string().optional(),
  username: z.string().optional(),
  from: z.string().optional(),
  to: z.array(z.string()).optional(),
  ca: z.string().optional(),
  waiting: z.int(),
  dead: z.int(),
  delivered: z.int(),
  /** When a message last arrived; null = not since the server started. */
  deliveredMs: z.number().nullable(),
  /** What keeps it from delivering now. */
  problem: z.string().optional(),
  problemMs: z.number().optional(),
});
export type ChannelView = z.infer<typeof channelViewSchema>;

const severities = z.array(z.enum(SEVERITIES)).min(1).max(SEVERITIES.length);
const words = (max: number) => z.array(z.string().min(1).max(max)).min(1).max(64);

/** Which alerts: those that fit every key that is there. `*` in a subject stands for any characters. */
export const alertMatchSchema = z.strictObject({
  severities: severities.optional(),
  sites: words(64).optional(),
  rules: words(64).optional(),
  /** Kinds of subjects: rig, board, rack, site, … */
  kinds: words(20).optional(),
  /** Names or ids of subjects. */
  subjects: words(100).optional(),
  /** Racks, rows, feeders and owners of the register. */
  groups: words(100).optional(),
});
export type AlertMatch = z.infer<typeof alertMatchSchema>;

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 22:00");
/** A time of day that comes again, by the clocks of the alert's site; one that ends before it begins goes over midnight. */
export const dayWindowSchema = z.strictObject({
  from: clock,
  to: clock,
  /** 1 = Monday … 7 = Sunday, of the day on which it begins; absent = every day. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7).optional(),
});
export type DayWindow = z.infer<typeof dayWindowSchema>;

/** Who is told of what, when. */
export const alertRouteInputSchema = z.strictObject({
  name: line(100).optional(),
  /** Routes are asked in this order. */
  order: z.int().min(0).max(10_000).default(100),
  off: z.boolean().optional(),
  match: alertMatchSchema.default({}),
  /** Ids of channels; absent = every channel. */
  channels: z.array(name).min(1).max(32).optional(),
  /** No later route is asked about an alert that fits this one. */
  last: z.boolean().optional(),
  /** Only asked once another route has escalated to it. */
  escalationOnly: z.boolean().optional(),
  /** Nothing is said meanwhile but what `pass` names (by default danger); what still fires then is told at its end. */
  quiet: z.array(dayWindowSchema).max(16).optional(),
  pass: z.array(z.enum(SEVERITIES)).max(SEVERITIES.length).optional(),
  /** Work on the place that comes again: nothing is said at all meanwhile. */
  maintenance: z.array(dayWindowSchema).max(16).optional(),
  /** Said again after so long while it fires and nobody has acknowledged it. */
  repeatMin: z.int().min(5).max(10_080).optional(),
  /** Not acknowledged after so long: the other route is asked too. */
  escalate: z.strictObject({ afterMin: z.int().min(1).max(1_440), to: name }).optional(),
  /** Collected into one message at this time of day. */
  digestAt: clock.optional(),
  /** false: the end of an alert is not told. */
  resolved: z.boolean().optional(),
});
export type AlertRouteInput = z.infer<typeof alertRouteInputSchema>;
export const alertRouteSchema = alertRouteInputSchema.extend({
  id: z.string(),
  /** One of those that hold until an operator makes a route. */
  builtIn: z.boolean().optional(),
});
export type AlertRoute = z.infer<typeof alertRouteSchema>;

/** Alerts that nobody is told of for a time. */
export const silenceInputSchema = z
  .strictObject({
    match: alertMatchSchema,
    /** Absent = now. */
    fromMs: z.number().min(0).max(8.64e15).optional(),
    untilMs: z.number().min(0).max(8.64e15),
    note: line(500).optional(),
  })
  .refine(({ match }) => Object.keys(match).length > 0, {
    path: ["match"],
    message: "names nothing: say at least one of severities, sites, rules, kinds, subjects, groups",
  });
export type SilenceInput = z.infer<typeof silenceInputSchema>;
export const silenceSchema = z.object({
  id: z.string(),
  match: alertMatchSchema,
  fromMs: z.number(),
  untilMs: z.number(),
  note: z.string().optional(),
  by: z.string(),
  atMs: z.number(),
});
export type Silence = z.infer<typeof silenceSchema>;

/** What was done and decided about an alert, and why. */
export const alertStepSchema = z.object({ atMs: z.number(), text: z.string(), by: z.string().optional() });
export type AlertStep = z.infer<typeof alertStepSchema>;

/** A message that could not be delivered. */
export const deadLetterSchema = z.object({
  id: z.string(),
  channel: z.string(),
  createdMs: z.number(),
  failedMs: z.number(),
  attempts: z.int(),
  reason: z.string(),
  /** What it was about. */
  title: z.string(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** Who acknowledged an alert. */
export const alertAckSchema = z.object({ by: z.string(), atMs: z.number(), note: z.string().optional() });
export type AlertAck = z.infer<typeof alertAckSchema>;
