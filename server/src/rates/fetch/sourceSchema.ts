import { SLUG } from "@hashwatt/protocol/slug";
import { z } from "zod";
import type { Secret } from "../../secret.js";

/** Where a source's secret lies: never in the config itself. `secret` is what was found there when the config was read. */
export interface KeyRef {
  env?: string | undefined;
  file?: string | undefined;
  secret?: Secret;
}

const HOW = "must say where the secret lies, as { env: NAME } or { file: NAME }, and never be it";

const refSchema = z
  .strictObject(
    {
      /** Name of an environment variable. */
      env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable")
        .optional(),
      /** A file whose first line it is. */
      file: z.string().min(1).optional(),
    },
    { error: (issue) => (issue.code === "invalid_type" ? HOW : undefined) },
  )
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), "must name either env or file");

/** A secret by reference: `{ env: NAME }` or `{ file: PATH }`. */
export const keySchema = refSchema.transform((ref): KeyRef => ref);

/** The secret of a reference. Throws RangeError where the config was not read as a whole: a caller's bug. */
export function revealed({ secret }: KeyRef): string {
  if (!secret) throw new RangeError("a key was not read");
  return secret.reveal();
}

/** The keys of a source that refer to secrets. */
export const refsOf = (source: object): [string, KeyRef][] =>
  Object.entries(source).filter(
    (entry): entry is [string, KeyRef] =>
      ["key", "password"].includes(entry[0]) && typeof entry[1] === "object",
  );

/** Keys that every source has. */
export const sourceKeys = {
  /** Its name, unique among the sources. */
  id: z.string().regex(SLUG, "must be a name of a–z, 0–9 and hyphens, at most 64"),
  /** How often it is asked; by default as often as its figures change. */
  everyMinutes: z.number().min(1).max(10_080).optional(),
  /** Questions that its vendor allows in an hour and in a day, retries and every address included; beyond, it is not asked. */
  perHour: z.int().min(1).max(100_000).optional(),
  perDay: z.int().min(1).max(1_000_000).optional(),
};

/** Base of a source's addresses, by default the vendor's own. */
export const urlSchema = (vendor: string) =>
  z
    .url({ protocol: /^https?$/, error: `must be an http(s) URL such as ${vendor}` })
    .refine((url) => !/^[a-z]+:\/\/[^/]*@/.test(url), "must hold no user or password")
    .default(vendor);

/** Sites that a source's figures are of. */
export const sitesSchema = z
  .array(z.string().regex(SLUG, "must be a name of a–z, 0–9 and hyphens, at most 64"))
  .min(1)
  .max(256);

/** A currency code. */
export const currencySchema = z.string().regex(/^[A-Z]{3}$/, "must be a currency code such as USD");

/** An address below a base, whatever its slashes. */
export function below(base: string, path: string, query: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(`${base.replace(/\/+$/, "")}/${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** The interval of a source in ms. */
export const everyMs = (config: { everyMinutes?: number | undefined }, usual: number): number =>
  (config.everyMinutes ?? usual) * 60_000;

/** Epoch ms of what a source gives in seconds or in ms. */
export const epochMs = (time: number): number => (time < 1e11 ? time * 1_000 : time);
