import { z } from "zod";
import { ROLES, type Role } from "./http.js";

const maybe = z.number().nullable();

/** What a token may do; each stands for a role. */
export const SCOPES = ["read", "operate", "admin"] as const;
export type Scope = (typeof SCOPES)[number];
/** The role that a scope stands for. */
export const SCOPE_ROLES: Readonly<Record<Scope, Role>> = {
  read: "viewer",
  operate: "operator",
  admin: "admin",
};

/** Names of users and tokens: what fits a path, a log and a config without quotes. */
export const ACCESS_NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/** Where a user or a token is kept: in the server's config, which alone changes it, or in its state. */
const from = z.enum(["config", "state"]);

/** A user, never with the password nor its hash. Times are epoch ms; null where the config says nothing of them. */
export const userViewSchema = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  from,
  createdMs: maybe,
  passwordMs: maybe,
});
export type UserView = z.infer<typeof userViewSchema>;

/** A token, never with its text. `expiresMs` null: it does not end by itself. `lastUsedMs` null: not used that we know of. */
export const tokenViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.enum(SCOPES),
  from,
  state: z.enum(["valid", "expired", "revoked"]),
  createdMs: maybe,
  createdBy: z.string().nullable(),
  expiresMs: maybe,
  lastUsedMs: maybe,
});
export type TokenView = z.infer<typeof tokenViewSchema>;

/** A token that was just made: its text is told this once. */
export const madeTokenSchema = tokenViewSchema.extend({ token: z.string() });
export type MadeToken = z.infer<typeof madeTokenSchema>;

/** How one was let in: by a name and password, by a token, as a command of the server's machine, or because nobody is asked. `server`: itself. */
export const ACTORS = ["user", "token", "machine", "anyone", "server"] as const;
export type Actor = (typeof ACTORS)[number];

/** What a thing was like; no secret is ever in it. */
export const facetsSchema = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]),
);
export type Facets = z.infer<typeof facetsSchema>;

/** One line of the record of changes; `n` grows with each. `who` is "" for one whom the server does not know. */
export const auditEntrySchema = z.object({
  n: z.int(),
  atMs: z.number(),
  who: z.string(),
  by: z.enum(ACTORS),
  /** Where the request came from; "" for the server itself. */
  address: z.string(),
  /** Such as `user.add`, `token.revoke`, `job.start`, `login`. */
  action: z.string(),
  object: z.string(),
  before: facetsSchema.nullable(),
  after: facetsSchema.nullable(),
  result: z.enum(["done", "refused", "failed"]),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** Newest first. `next` is what to ask with as `before` for the entries that follow; null at the end. */
export const auditPageSchema = z.object({ entries: z.array(auditEntrySchema), next: z.int().nullable() });
export type AuditPage = z.infer<typeof auditPageSchema>;
