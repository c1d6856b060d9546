import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { isLoopback, MOST_RIGS } from "./addresses.js";
import { SimulatorError } from "./errors.js";
import { INCIDENTS } from "./incidents.js";
import { DEFAULT_BASE, DEFAULT_PORT } from "./listener.js";
import { nearest } from "./nearest.js";

const count = z.int().min(0).optional();

/** The simulator's config: keys, types, defaults and what they are for. A file, the environment and flags fill it in. */
export const configSchema = z.strictObject({
  rigs: z.int().min(1).max(MOST_RIGS).default(48).describe("how many rigs the fleet has"),
  seed: z
    .union([z.string(), z.number()])
    .transform(String)
    .default("1")
    .describe("any word or number; the same seed gives the same fleet"),
  port: z.int().min(1).max(65_535).default(DEFAULT_PORT).describe("TCP port of the cgminer API"),
  base: z
    .string()
    .refine(isLoopback, "must be a loopback address like 127.10.0.1")
    .default(DEFAULT_BASE)
    .describe("address of the first rig; the others follow"),
  speed: z.number().min(0.01).max(3600).default(1).describe("how much faster than real time the physics run"),
  captures: z
    .string()
    .min(1)
    .optional()
    .describe("a folder of captures to serve in place of a fleet, each on an address of its own"),
  families: z
    .array(z.string())
    .min(1)
    .optional()
    .describe("families of firmware that the fleet is made of, or all; what farms run most of unless given"),
  httpPort: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe("port of the rigs' web API: at 80 each family has its maker's own ports, else all that one"),
  v3Port: z.int().min(1).max(65_535).optional().describe("port of WhatsMiner API 3 (4433)"),
  incidents: z
    .union([
      z.boolean(),
      z.strictObject({
        "failing-fan": count,
        offline: count,
        sleeping: count,
        "missing-board": count,
        slow: count,
      }),
    ])
    .optional()
    .describe(
      "true: one of each in a fleet of 12 or more (unless a scenario is chosen); false: none; or counts",
    ),
  scenario: z
    .union([
      z.string(),
      z.array(z.union([z.string(), z.record(z.string(), z.record(z.string(), z.unknown()).nullable())])),
    ])
    .optional()
    .describe("what happens: a scenario or several, by name, or timelines by their path"),
  set: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("values of scenarios' parameters, like heat-wave.by: 8"),
  start: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), "must be a date like 2026-07-20T12:00:00Z")
    .optional()
    .describe("the fleet's own time when it begins; the clock's unless given"),
  clock: z
    .strictObject({ originMs: z.number().min(0).max(8.64e15), speed: z.number().min(0.1).max(120) })
    .optional()
    .describe(
      "the time that agent and server are given too: it shows the machine's at originMs and passes speed times as fast",
    ),
  controlPort: z
    .union([z.int().min(1).max(65_535), z.literal(false)])
    .optional()
    .describe(
      "port on the base address where a running fleet takes commands; the one after the last rig's unless given",
    ),
  layout: z
    .enum(["auto", "per-address", "wildcard", "per-port"])
    .default("auto")
    .describe("a listener on each 127.x address, one on 0.0.0.0 for all, or 127.0.0.1 with a port each"),
});

/** A complete config. */
export type SimulatorConfig = z.infer<typeof configSchema> & {
  incidents: NonNullable<z.infer<typeof configSchema>["incidents"]>;
};

/** What one source (file, environment, flags) says; the schema judges it when all are put together. */
export type ConfigPart = Record<string, unknown>;

const KEYS = Object.keys(configSchema.shape);
const ENV_PREFIX = "HASHWATT_SIM_";
/** `httpPort` is `HASHWATT_SIM_HTTP_PORT`. */
const envName = (key: string): string =>
  ENV_PREFIX + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
const NUMBERS = new Set(["rigs", "port", "speed", "httpPort", "v3Port", "controlPort"]);

/** "heat-wave.by=8" as its two halves; what has no "=" is a word without a value, which its reader refuses. */
export function splitPair(pair: string): [string, string | undefined] {
  const at = pair.indexOf("=");
  return at < 0 ? [pair, undefined] : [pair.slice(0, at), pair.slice(at + 1)];
}

/** "1764201600000,60" as the pair that it is; the schema judges what else is written. */
function rateOf(text: string): unknown {
  const [originMs, speed, ...more] = text
    .split(",")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return more.length ? text : { originMs, speed };
}

/** The value of a setting that came as text, in the type that its key has; of `set` one pair. */
export function fromText(key: string, text: string): unknown {
  if (NUMBERS.has(key) && text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  if (key === "families") return text.split(",").map((name) => name.trim());
  if (key === "clock") return rateOf(text);
  if (key === "set") return Object.fromEntries([splitPair(text)]);
  if (key === "controlPort" && text === "off") return false;
  if (key !== "incidents") return text;
  return text === "true" ? true : text === "false" ? false : text;
}

/** Several pairs in one text, after ";" or blanks: a blank that is no beginning of a pair belongs to the value, as in "model: Antminer S21*". */
function pairsOf(text: string): ConfigPart {
  const pairs = text.split(/;|\s+(?=[^\s=.]+\.[^\s=.]+=)/).map((pair) => pair.trim());
  return Object.fromEntries(pairs.filter((pair) => pair !== "").map(splitPair));
}

/** What `HASHWATT_SIM_*` variables say, and the config file that `HASHWATT_SIM_CONFIG` names. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): {
  part: ConfigPart;
  configFile: string | undefined;
} {
  const part: ConfigPart = {};
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || text === undefined || name === `${ENV_PREFIX}CONFIG`) continue;
    const key = KEYS.find((known) => envName(known) === name);
    if (key === undefined) {
      const known = [...KEYS, "config"].map(envName);
      throw new SimulatorError(
        "bad-config",
        `${name} is not a setting of the simulator: did you mean ${nearest(name, known)}?`,
      );
    }
    part[key] = key === "set" ? pairsOf(text) : fromText(key, text);
  }
  return { part, configFile: env[`${ENV_PREFIX}CONFIG`] };
}

/** What a YAML file says. Throws `bad-config` when it cannot be read or is not a map. */
export function readConfigFile(path: string): ConfigPart {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0];
    throw new SimulatorError("bad-config", `cannot read the config file ${path}: ${reason}`, { cause });
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new SimulatorError("bad-config", `the config file ${path} must be a map of keys like "rigs: 48"`);
  }
  return content as ConfigPart;
}

/** Puts the parts together, later ones over earlier ones. Throws `bad-config`, naming the key and what was expected. */
export function toConfig(...parts: ConfigPart[]): SimulatorConfig {
  const merged: ConfigPart = Object.assign({}, ...parts);
  const unknown = Object.keys(merged).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new SimulatorError(
      "bad-config",
      `"${unknown}" is not a setting: did you mean "${nearest(unknown, KEYS)}"?`,
    );
  }
  const { incidents } = merged;
  if (typeof incidents === "object" && incidents !== null) {
    const stray = Object.keys(incidents).find((key) => !(INCIDENTS as readonly string[]).includes(key));
    if (stray !== undefined) {
      throw new SimulatorError(
        "bad-config",
        `"incidents.${stray}" is not an incident: did you mean "${nearest(stray, INCIDENTS)}"?`,
      );
    }
  }
  const result = configSchema.safeParse(merged);
  // A fleet with a scenario has what the scenario brings, and no more unless it is asked for.
  if (result.success)
    return { ...result.data, incidents: result.data.incidents ?? result.data.scenario === undefined };
  const issue = result.error.issues[0];
  const key = issue?.path.join(".") ?? "";
  const value = merged[String(issue?.path[0])];
  const given = typeof value === "object" ? JSON.stringify(value) : String(value);
  throw new SimulatorError("bad-config", `${key}: ${issue?.message ?? "invalid"} (given: ${given})`, {
    cause: result.error,
  });
}
