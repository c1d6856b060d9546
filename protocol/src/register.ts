import { z } from "zod";
import { plainText } from "./plainText.js";

/**
 * What is to become of a rig that is expected: `active` must be there; `repair`: raises no alarm; `spare`: need not be there;
 * `retired`: raises no alarm and should not answer.
 */
export const EXPECTED_STATES = ["active", "repair", "spare", "retired"] as const;
export type ExpectedState = (typeof EXPECTED_STATES)[number];

/** One line of plain text: who imports it may have it from anywhere, and it stands in tables, pages and terminals. */
const word = z
  .string()
  .transform((text) => plainText(text).trim())
  .pipe(z.string().min(1, "is empty").max(100));
/** Six octets in lower case with colons; other ways to write it are brought to this one. */
const mac = z
  .string()
  .transform((text) => text.trim().toLowerCase().replace(/[-:.]/g, ""))
  .refine((hex) => /^[0-9a-f]{12}$/.test(hex), "is no MAC; write 02:1a:2b:3c:4d:5e")
  .transform((hex) => hex.match(/../g)!.join(":"));

/** A rig that is expected: by what it is known, and where it stands. */
export const expectedRigSchema = z.strictObject({
  site: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, "is no site; a site is a name of a–z, 0–9 and hyphens")
    .optional(),
  name: word.optional(),
  serial: word.optional(),
  mac: mac.optional(),
  /** With or without a port. */
  address: z
    .string()
    .trim()
    .max(100)
    .regex(/^[a-z0-9.:-]+$/i, "is no address")
    .optional(),
  /** A pool user; `*` stands for any characters, so that it may name many rigs. */
  worker: word.optional(),
  rack: word.optional(),
  row: word.optional(),
  position: word.optional(),
  feeder: word.optional(),
  pdu: word.optional(),
  /** Of its PDU. */
  outlet: word.optional(),
  owner: word.optional(),
  state: z.enum(EXPECTED_STATES, `is no state; there are ${EXPECTED_STATES.join(", ")}`).optional(),
});
export type ExpectedRig = z.infer<typeof expectedRigSchema>;

/** What a rig may be known by, strongest first. */
export const EXPECTED_NAMES = ["mac", "serial", "address", "worker", "name"] as const;
/** Where a rig may stand, by the names that the operator gave. */
export const EXPECTED_PLACES = ["row", "rack", "position", "feeder", "pdu", "outlet"] as const;
export type ExpectedPlace = (typeof EXPECTED_PLACES)[number];

/** Columns of the register, in the order of its CSV. */
export const REGISTER_COLUMNS = [
  "name",
  "serial",
  "mac",
  "address",
  "worker",
  "site",
  "rack",
  "row",
  "position",
  "feeder",
  "pdu",
  "outlet",
  "owner",
  "state",
] as const satisfies readonly (keyof ExpectedRig)[];

/** What an expected rig is: `silent`: known and does not answer; `missing`: none was ever found that fits. */
export const presenceSchema = z.enum(["present", "silent", "missing"]);

/** An entry of the register as it stands. */
export const registerEntrySchema = expectedRigSchema.required({ site: true, state: true }).extend({
  id: z.string(),
  mac: z.string().optional(),
  presence: presenceSchema,
  /** Ids of the rigs that fit; a worker pattern may fit many. */
  rigs: z.array(z.string()),
  /** When one of them last answered; null = not known. */
  answeredMs: z.number().nullable(),
});
export type RegisterEntry = z.infer<typeof registerEntrySchema>;

/** A rig that no entry names (`unknown`), or only one that is retired. */
export const unexpectedRigSchema = z.object({
  id: z.string(),
  name: z.string(),
  site: z.string(),
  address: z.string(),
  mac: z.string().nullable(),
  model: z.string().nullable(),
  why: z.enum(["unknown", "retired"]),
});
export type UnexpectedRig = z.infer<typeof unexpectedRigSchema>;

/** `missing` are active entries of which no rig answers; a site without entries expects nothing and has no unexpected rigs. */
export const registerViewSchema = z.object({
  entries: z.array(registerEntrySchema),
  missing: z.int(),
  unexpected: z.array(unexpectedRigSchema),
});
export type RegisterView = z.infer<typeof registerViewSchema>;

/** A row of a CSV file that cannot be taken, and why. */
export const refusedRowSchema = z.object({
  line: z.int(),
  column: z.string().optional(),
  message: z.string(),
});
export type RefusedRow = z.infer<typeof refusedRowSchema>;

/**
 * What an import of a file would do. `refused` and `rows` are the first of them, `refusedRows` says how many are refused; while there
 * is one, an import takes nothing of the file.
 */
export const registerPreviewSchema = z.object({
  added: z.int(),
  changed: z.int(),
  same: z.int(),
  refusedRows: z.int(),
  refused: z.array(refusedRowSchema),
  rows: z.array(
    z.object({
      line: z.int(),
      becomes: z.enum(["added", "changed", "same"]),
      /** The entry that it changes, or that says the same already. */
      id: z.string().optional(),
      rig: expectedRigSchema.extend({ mac: z.string().optional() }),
    }),
  ),
});
export type RegisterPreview = z.infer<typeof registerPreviewSchema>;

/** What an import did. What it does not name stays as it was. */
export const registerImportSchema = z.object({
  added: z.int(),
  changed: z.int(),
  same: z.int(),
  total: z.int(),
});
export type RegisterImport = z.infer<typeof registerImportSchema>;
