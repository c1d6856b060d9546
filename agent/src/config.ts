import { checked } from "@hashwatt/protocol/checked";
import { clockRateSchema } from "@hashwatt/protocol/clockRate";
import { BOUNDS, MAX_BOARDS, MAX_INTERVAL_MS } from "@hashwatt/protocol/sample";
import { SLUG } from "@hashwatt/protocol/slug";
import { BATCH } from "@hashwatt/protocol/topics";
import { z } from "zod";
import { AgentError } from "./agentError.js";
import { applyEnvironment, ENV_PREFIX, variablesOf, words } from "./config/applyEnvironment.js";
import { explain } from "./configIssue.js";
import { firstLine, parseKeys, readOrSay } from "./configText.js";
import { loginMakes } from "./dialects/registry.js";
import { expandRanges, parseRange, parseRigAddress } from "./discovery/targets.js";
import { hostSlug } from "./hostSlug.js";
import type { LoginRule } from "./logins.js";
import type { PlateRule } from "./model/ownPlates.js";
import { recordSchema } from "./recordConfig.js";
import { Secret } from "./secret.js";

const readable = (check: (text: string) => unknown) => (text: string, context: z.RefinementCtx) => {
  try {
    check(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
};
const slug = z.string().regex(SLUG, "must be a name of a–z, 0–9 and hyphens, at most 64");
const port = z.int().min(1).max(65_535);
/** Ports of the web interface and of the WhatsMiner API 3, where they are not the maker's. */
const webPorts = { httpPort: port.optional(), v3Port: port.optional() };
const intervalMs = z.int().min(1_000).max(MAX_INTERVAL_MS);
const range = z.string().superRefine(readable(parseRange));
const toSecret = (value: string) => new Secret(value);
const secret = z.string().min(1).transform(toSecret);

const make = z.string().refine((name) => loginMakes().includes(name), {
  error: (issue) => `"${issue.input}" has no web login; one of ${loginMakes().join(", ")}`,
});

/** Config of the agent: schema, type, defaults and documentation in one. Unknown keys are refused. */
export const configSchema = z.strictObject({
  /** The site these rigs stand at; a level of every MQTT topic. */
  site: slug.default("home"),
  /** Name of this agent, unique in its site; the host's name when not given. */
  agent: slug.default(hostSlug),
  broker: z
    .strictObject({
      /** mqtt://host:1883, mqtts://host:8883, ws:// or wss://. */
      url: z
        .url({ protocol: /^(mqtts?|wss?)$/, error: "must be a URL such as mqtt://127.0.0.1:1883" })
        .refine(
          (url) => !/^[a-z]+:\/\/[^/]*@/.test(url),
          "must hold no user or password; use username and password",
        ),
      username: z.string().min(1).optional(),
      password: secret.optional(),
      /** A file whose first line is the password; keeps it out of this one. */
      passwordFile: z.string().min(1).optional(),
      /** PEM file of the authority that signed the broker's certificate, where the system does not know it. */
      caFile: z.string().min(1).optional(),
      /** false accepts any certificate; the connection is then encrypted, but to whom is not known. */
      rejectUnauthorized: z.boolean().default(true),
    })
    .default({ url: "mqtt://127.0.0.1:1883", rejectUnauthorized: true }),
  /** Folder of the spool; one agent per folder. */
  dataDir: z.string().min(1).default("data/agent"),
  /** Rigs that are watched whether or not they answer. */
  rigs: z
    .array(
      z.strictObject({
        address: z.string().superRefine(readable(parseRigAddress)),
        intervalMs: intervalMs.optional(),
        ...webPorts,
      }),
    )
    .max(65_536)
    .default([]),
  /** Where to look for rigs at start, soon after and every `scanEveryMs`; what answers is watched from then on. */
  ranges: z
    .array(
      z.strictObject({ range, port: port.default(4028), intervalMs: intervalMs.optional(), ...webPorts }),
    )
    .default([]),
  /** Addresses and ranges that are never touched by a scan. */
  exclude: z.array(range).default([]),
  /**
   * Users of the rigs' web interfaces, by make and addresses; the first that fits counts, and one without make or range fits
   * all. The password stands here, in a file or in a variable of the environment.
   */
  logins: z
    .array(
      z
        .strictObject({
          make: make.optional(),
          range: range.optional(),
          username: z.string().min(1).max(200),
          password: secret.optional(),
          /** A file whose first line is the password. */
          passwordFile: z.string().min(1).optional(),
          /** Name of the environment variable that holds it. */
          passwordEnv: z.string().min(1).optional(),
          /** true sends it unencrypted to a rig that asks for HTTP Basic, which whoever poses as a rig can do. */
          basic: z.boolean().default(false),
        })
        .refine(
          ({ password, passwordFile, passwordEnv }) =>
            [password, passwordFile, passwordEnv].filter((given) => given !== undefined).length === 1,
          "give one of password, passwordFile and passwordEnv",
        ),
    )
    .max(1_000)
    .default([]),
  /** Whether the login that a vendor documents for a new rig is tried where `logins` has none. */
  defaultLogins: z.boolean().default(true),
  /**
   * What rigs that report no power are rated for, in place of the list, by model and addresses; the first that fits counts. Power
   * is modelled from it.
   */
  nameplates: z
    .array(
      z.strictObject({
        model: z.string().min(1).max(100).optional(),
        range: range.optional(),
        ratedThs: z.number().positive().max(BOUNDS.hashrateThs[1]),
        ratedW: z.number().positive().max(BOUNDS.powerW[1]),
        boards: z.int().min(1).max(MAX_BOARDS).optional(),
      }),
    )
    .max(1_000)
    .default([]),
  scanEveryMs: z.int().min(60_000).max(86_400_000).default(900_000),
  /** Spacing of a rig's polls; when not given 5 s up to 200 rigs, 10 s up to 2,000, 30 s above. */
  intervalMs: intervalMs.optional(),
  /** Samples wait at most so long for others to share their batch; 0 sends each at once. */
  batchMs: z.int().min(0).max(10_000).default(100),
  batchSamples: z.int().min(1).max(BATCH.maxSamples).default(BATCH.maxSamples),
  gzip: z.boolean().default(true),
  spool: z
    .strictObject({
      maxBytes: z
        .int()
        .min(1 << 20)
        .default(20_000_000_000),
      maxAgeMs: z
        .int()
        .min(60_000)
        .default(6 * 86_400_000),
      segmentBytes: z
        .int()
        .min(1 << 16)
        .max(1 << 30)
        .default(16 * 1024 * 1024),
    })
    .default({ maxBytes: 20_000_000_000, maxAgeMs: 6 * 86_400_000, segmentBytes: 16 * 1024 * 1024 }),
  /** Keeps what rigs answer as a tape, beside all else; absent = no tape. docs/tape-format.md. */
  record: recordSchema.optional(),
  /** Polls under way at a time. */
  concurrency: z.int().min(1).max(8_192).default(512),
  timeouts: z
    .strictObject({
      /** Until a rig accepts a connection. */
      connectMs: z.int().min(100).max(30_000).default(3_000),
      /** Until its answer is complete. */
      answerMs: z.int().min(500).max(60_000).default(10_000),
    })
    .default({ connectMs: 3_000, answerMs: 10_000 }),
  /** A time of its own that passes faster, shared with server and simulator; for trials with simulated rigs alone. */
  clock: clockRateSchema.optional(),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
});
export type AgentConfig = z.infer<typeof configSchema>;

/** What the environment may set. */
const VARIABLES = variablesOf(configSchema);
// What nearly every installation has to say; intervals and ports of single ranges belong into a file.
VARIABLES.set(`${ENV_PREFIX}RANGES`, {
  path: ["ranges"],
  read: (text) => words(text).map((range) => ({ range })),
});

/**
 * Reads the config of `path` (none: all defaults) and what `env` overrides. Throws `config`: one line that names the file, the
 * key, and what was expected there.
 */
export function loadConfig(
  path: string | undefined,
  env: Record<string, string | undefined> = process.env,
): AgentConfig {
  if (path === undefined) return configOf({}, "the environment", env);
  return parseConfig(readOrSay(path, "--config"), path, env);
}

/** The config that a text is, as {@link loadConfig} reads it from the file `from`. Throws `config`. */
export const parseConfig = (
  text: string,
  from: string,
  env: Record<string, string | undefined> = process.env,
): AgentConfig => configOf(parseKeys(text, from), from, env);

function configOf(
  file: Record<string, unknown>,
  from: string,
  env: Record<string, string | undefined>,
): AgentConfig {
  applyEnvironment(file, env, VARIABLES);
  const parsed = checked(configSchema, file);
  if (!parsed.success) throw new AgentError("config", `${from}: ${explain(parsed.error, configSchema)}`);
  const config = parsed.data;
  if (config.broker.passwordFile !== undefined) {
    if (config.broker.password)
      throw new AgentError("config", `${from}: broker has both password and passwordFile; keep one`);
    config.broker.password = new Secret(
      firstLine(config.broker.passwordFile, `${from}: broker.passwordFile`),
    );
  }
  for (const [at, login] of config.logins.entries()) {
    const { passwordFile, passwordEnv } = login;
    if (passwordFile !== undefined)
      login.password = new Secret(firstLine(passwordFile, `${from}: logins[${at}].passwordFile`));
    if (passwordEnv === undefined) continue;
    const value = env[passwordEnv];
    if (!value)
      throw new AgentError("config", `${from}: logins[${at}].passwordEnv: ${passwordEnv} is not set`);
    login.password = new Secret(value);
  }
  // The ranges together are bounded, which no single key shows.
  expandRanges(config.ranges.map((entry) => entry.range));
  return config;
}

/** The login rules of a config, ready for use. */
export const loginRules = (config: AgentConfig): LoginRule[] =>
  config.logins.map(({ make, range, username, password, basic }) => ({
    make,
    range: range === undefined ? undefined : parseRange(range),
    username,
    // Every way to give it ends here.
    password: password!,
    basic,
  }));

/** What rigs are rated for by a config, ready for use. */
export const plateRules = (config: AgentConfig): PlateRule[] =>
  config.nameplates.map(({ range, ...plate }) => ({
    ...plate,
    range: range === undefined ? undefined : parseRange(range),
  }));

/** The variable that holds the password for `read --login`. */
export const RIG_PASSWORD = "HASHWATT_RIG_PASSWORD";

/** The password of a rig for one command: the first line of `file`, else {@link RIG_PASSWORD}. Throws `config`. */
export function rigPassword(file: string | undefined, env = process.env): Secret {
  if (file !== undefined) return new Secret(firstLine(file, "--password-file"));
  const value = env[RIG_PASSWORD];
  if (value === undefined)
    throw new AgentError(
      "config",
      `--login needs a password: set ${RIG_PASSWORD}, or give --password-file FILE`,
    );
  return new Secret(value);
}
