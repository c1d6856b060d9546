import { z } from "zod";
import { Secret } from "../secret.js";

/** The lines of InfluxDB that differ in how they are written to and made ready. */
export const INFLUX_FLAVOURS = ["1", "2", "3"] as const;
export type InfluxFlavour = (typeof INFLUX_FLAVOURS)[number];

const secret = z
  .string()
  .min(1)
  .transform((text) => new Secret(text));

/** Where the InfluxDB is that keeps the telemetry, who we are to it, and how much of it we use at once. */
export const influxSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: "must be a URL such as http://127.0.0.1:8086" })
    .refine(
      (url) => !/^[a-z]+:\/\/[^/]*@/i.test(url),
      "must hold no user or password; use username and password, or token",
    )
    .refine((url) => !/[?#]/.test(url), "must end with its path: no ? and no #"),
  /** 1, 2 or 3; absent = what the InfluxDB says of itself when asked. */
  flavour: z
    .literal(["1", "2", "3", 1, 2, 3], { error: "must be 1, 2 or 3" })
    .transform((flavour) => String(flavour) as InfluxFlavour)
    .optional(),
  /** InfluxDB 2.x and 3. */
  token: secret.optional(),
  /** A file whose first line is the token; keeps it out of this one. */
  tokenFile: z.string().min(1).optional(),
  /** InfluxDB 1.x, where its authentication is on. */
  username: z.string().min(1).optional(),
  password: secret.optional(),
  /** A file whose first line is the password; keeps it out of this one. */
  passwordFile: z.string().min(1).optional(),
  /** Organisation by name; InfluxDB 2.x. */
  org: z.string().min(1).max(255).optional(),
  /** Database, on 2.x bucket, of the raw samples; `<database>_5m` and `<database>_1h` hold the rollups. */
  database: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/,
      "must be a name of letters, digits, _ and -, at most 60, that begins with a letter or digit",
    )
    .default("hashwatt"),
  /** Databases or buckets that are missing are made; false only says which. */
  create: z.boolean().default(true),
  /** Writes under way at once at most. */
  maxInFlight: z.int().min(1).max(16).default(2),
  /** Lines of one write at most. */
  batchLines: z.int().min(100).max(50_000).default(5_000),
  /** An answer that takes longer is none. */
  timeoutMs: z.int().min(1_000).max(300_000).default(20_000),
  /** Whether bodies go as gzip: less on the wire, more work at both ends. Absent = only to another machine. */
  gzip: z.boolean().optional(),
  /** PEM file of the authority that signed the certificate, where the system does not know it. */
  caFile: z.string().min(1).optional(),
  /** false accepts any certificate; the connection is then encrypted, but to whom is not known. */
  rejectUnauthorized: z.boolean().default(true),
});
export type InfluxConfig = z.infer<typeof influxSchema>;

/**
 * What the keys of a config contradict each other in or lack, as one line; undefined when they agree. `flavour` is the
 * config's own or what the InfluxDB has said; where neither is known, only what no flavour could use is refused.
 */
export function accessProblem(
  influx: Pick<InfluxConfig, "token" | "username" | "password" | "org">,
  flavour: InfluxFlavour | undefined,
): string | undefined {
  const { token, username, password, org } = influx;
  if (token && (username !== undefined || password))
    return "has both a token (2.x, 3) and a username or password (1.x); keep one";
  if ((username === undefined) !== (password === undefined))
    return username === undefined ? "has a password and no username" : "has a username and no password";
  switch (flavour) {
    case "1":
      return token ? "has a token, and InfluxDB 1.x takes username and password" : undefined;
    case "2":
      if (!token) return "needs a token for InfluxDB 2.x (token or tokenFile)";
      return org === undefined ? "needs the name of the organisation for InfluxDB 2.x (org)" : undefined;
    case "3":
      return username !== undefined ? "has a username, and InfluxDB 3 takes a token" : undefined;
    case undefined:
      return undefined;
  }
}
