import { z } from "zod";

/** What names a rig: hardware, or where it is spoken of. */
export const ALIAS_KINDS = ["mac", "serial", "hostname", "address"] as const;
const maybe = z.number().nullable();

/** A name of a rig. That of an address is `site/agent/handle`. */
const nameSchema = z.object({ kind: z.enum(ALIAS_KINDS), value: z.string() });
export const rigAliasSchema = nameSchema.extend({
  /** When the rig was first known by it; null where that was not noted. */
  sinceMs: maybe,
  /** It is what the rig tells of itself, or where it is, now. */
  present: z.boolean(),
});
export type RigAlias = z.infer<typeof rigAliasSchema>;

/** Another rig that an operator has tied to this one, when, and the names that went over with it. */
const tieSchema = z.object({
  id: z.string(),
  name: z.string(),
  atMs: z.number(),
  names: z.array(nameSchema),
});
export type RigTie = z.infer<typeof tieSchema>;

/** How a rig is told apart: its names, what an operator has said of it, who might be the same rig, and what happened to it. */
export const rigIdentitySchema = z.object({
  id: z.string(),
  name: z.string(),
  firstSeenMs: z.number(),
  /** When it was last described anew: at its first sight, its latest move, or when it told something else of itself. */
  describedMs: z.number(),
  aliases: z.array(rigAliasSchema),
  /** Rigs merged into it, those merged into these among them; `into` says which into which. */
  joined: z.array(tieSchema.extend({ into: z.string() })),
  /** What it was merged into, or which rig answers in its place since it was split. */
  handedTo: tieSchema.extend({ kind: z.enum(["merge", "split"]) }).optional(),
  /** The rig that it was split from. */
  splitFrom: tieSchema.optional(),
  /** Rigs that share a name or place with it, so that an operator may know them for the same. */
  related: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      model: z.string().nullable(),
      mac: z.string().nullable(),
      firstSeenMs: z.number(),
      /** Another has its place: it is in no list of the fleet any more. */
      over: z.boolean(),
      shares: z.array(z.enum(ALIAS_KINDS)),
    }),
  ),
  events: z.array(z.object({ atMs: z.number(), kind: z.string(), text: z.string() })),
});
export type RigIdentity = z.infer<typeof rigIdentitySchema>;
