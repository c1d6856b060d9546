import { checked } from "@hashwatt/protocol/checked";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { channelOfVariable } from "./config/channels.js";
import { exposureProblem } from "./config/exposure.js";
import { accessProblem } from "./config/influx.js";
import { nearestName } from "./config/nearestName.js";
import { configSchema, type ServerConfig, type SiteConfig } from "./config/schema.js";
import { readText } from "./config/secretFile.js";
import { readSecrets } from "./config/secrets.js";
import { readSourceKeys } from "./config/sources.js";
import { tariffsProblem } from "./config/tariffs.js";
import { ServerError } from "./error.js";

export type { BrokerUser } from "./config/exposure.js";
export type { InfluxConfig } from "./config/influx.js";
export type { MeterConfig } from "./config/meters.js";
export type { BrokerConfig, ExternalBroker, ServerConfig, SiteConfig } from "./config/schema.js";

/** Prefix of the environment variables that override the file: `HASHWATT_SERVER_HTTP_PORT` is `http.port`. */
export const ENV_PREFIX = "HASHWATT_SERVER_";

interface Setting {
  path: string[];
  read(text: string): unknown;
}

/** Every scalar key and list of words that the environment may set, by its variable. Lists of objects belong into a file. */
const SETTINGS = new Map<string, Setting>();

const unwrapped = (schema: unknown): unknown =>
  schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
    ? unwrapped(schema.unwrap())
    : schema instanceof z.ZodPipe
      ? unwrapped(schema.in)
      : schema;

/** Whether a text may stand for an element of a list. */
function isWord(element: unknown): boolean {
  const inner = unwrapped(element);
  return inner instanceof z.ZodString || (inner instanceof z.ZodUnion && inner.options.some(isWord));
}

function collect(schema: unknown, path: string[]): void {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject)
    for (const [key, value] of Object.entries(inner.shape)) collect(value, [...path, key]);
  else if (inner instanceof z.ZodUnion) for (const option of inner.options) collect(option, path);
  else if (!(inner instanceof z.ZodArray) || isWord(inner.element)) {
    const name = ENV_PREFIX + path.map((key) => key.replace(/[A-Z]/g, "_$&").toUpperCase()).join("_");
    SETTINGS.set(name, { path, read: readerOf(inner) });
  }
}

function readerOf(schema: unknown): Setting["read"] {
  if (schema instanceof z.ZodNumber)
    return (text) => (/^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text);
  if (schema instanceof z.ZodBoolean)
    return (text) => (text === "true" ? true : text === "false" ? false : text);
  if (schema instanceof z.ZodArray) return (text) => text.split(/[,\s]+/).filter((word) => word !== "");
  return (text) => text;
}
collect(configSchema, []);

/**
 * Reads the config of `path` (none: all defaults) and what `env` overrides. Throws ServerError `config`: one line that names
 * the file, the key, and what was expected there.
 */
export function loadConfig(
  path: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ServerConfig {
  if (path === undefined) return configOf({}, "the environment", env);
  return parseConfig(readText(path, "--config"), path, env);
}

/** The config that a text is, as {@link loadConfig} reads it from the file `from`. Throws ServerError `config`. */
export const parseConfig = (
  text: string,
  from: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ServerConfig => configOf(parseKeys(text, from), from, env);

function configOf(
  file: Record<string, unknown>,
  from: string,
  env: Readonly<Record<string, string | undefined>>,
): ServerConfig {
  const variables = applyEnvironment(file, env);
  /** Where a key was set: its variable, else the key in its file. */
  const place = (key: string) => variables.get(key) ?? `${from}: ${key}`;
  refuseTwoBrokers(file.broker, from, variables);
  const parsed = checked(configSchema, file);
  if (!parsed.success) throw wrong(explain(foremost(parsed.error.issues), from, variables));
  const config = parsed.data;
  readSecrets(config, from, place);
  readSourceKeys(config.sources, from, env);
  checkInflux(config.store, from);
  const exposed = exposureProblem(config);
  if (exposed) throw wrong(`${place(exposed.key)}: ${exposed.message}`);
  const seen = new Set<string>();
  for (const [i, given] of config.sites.entries()) {
    const { site } = given;
    if (seen.has(site)) throw wrong(`${from}: sites has "${site}" twice; keep one`);
    seen.add(site);
    checkTariffs(given, `${from}: sites[${i}]`);
  }
  return config;
}

/** Prices by the clock mean nothing without the zone of that clock. */
function checkTariffs({ tariffs, zone, currency }: SiteConfig, at: string): void {
  if (!tariffs) return;
  if (zone === undefined) throw wrong(`${at}.zone: tariffs need the site's time zone, such as Asia/Shanghai`);
  if (currency === undefined) throw wrong(`${at}.currency: tariffs need the site's currency, such as USD`);
  const problem = tariffsProblem(tariffs, zone, currency);
  if (problem) throw wrong(`${at}.${problem.key}: ${problem.message}`);
}

/** An InfluxDB may be named without being the store: histories are copied from and to it. */
function checkInflux({ kind, influx }: ServerConfig["store"], from: string): void {
  if (!influx) {
    if (kind !== "influxdb") return;
    throw wrong(`${from}: store.influx: must say where the InfluxDB is, e.g. url: http://127.0.0.1:8086`);
  }
  const problem = accessProblem(influx, influx.flavour);
  if (problem !== undefined) throw wrong(`${from}: store.influx ${problem}`);
}

const wrong = (message: string, cause?: unknown): ServerError =>
  new ServerError("config", message, { cause });

/** A broker is the embedded one or another: with keys of both, neither shape's complaint would say so. */
function refuseTwoBrokers(broker: unknown, from: string, variables: ReadonlyMap<string, string>): void {
  if (typeof broker !== "object" || broker === null || !("embedded" in broker) || !("url" in broker)) return;
  const set = [...variables].filter(([key]) => key === "broker.url" || key.startsWith("broker.embedded."));
  const also = set.length ? ` (${set.map(([, name]) => name).join(", ")} is set)` : "";
  throw wrong(`${from}: broker: give either url or embedded, not both${also}`);
}

function parseKeys(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0, logLevel: "error" });
  } catch (cause) {
    const [start] = cause instanceof YAMLParseError && cause.linePos ? cause.linePos : [];
    const at = start ? ` line ${start.line}, column ${start.col}` : "";
    const [said = ""] = String((cause as Error).message).split("\n", 1);
    // The parser names the place too, at the end of its sentence.
    const why = said.replace(/ at line \d+, column \d+:?$/, "");
    throw wrong(`${path}${at}: is no YAML: ${why}`, cause);
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw wrong(`${path}: must be a list of keys such as "logLevel: info"`);
  return value as Record<string, unknown>;
}

/** Sets in `target` what `env` overrides; returns the variables by the keys that they set. */
function applyEnvironment(
  target: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || text === undefined) continue;
    const setting = SETTINGS.get(name);
    const ofChannel = setting ? undefined : channelOfVariable(name.slice(ENV_PREFIX.length), target);
    if (ofChannel) {
      if (text !== "") ofChannel.channel[ofChannel.key] = text;
      continue;
    }
    if (!setting) {
      const near = nearestName(name, [...SETTINGS.keys()]);
      throw wrong(
        `${name} is no setting of the server${near === undefined ? "" : `; did you mean ${near}?`}`,
      );
    }
    // Compose hands on what nobody has set as an empty text.
    if (
      text === "" &&
      /^(password|tokens?|webhook|passphrase|cert|key|chain)(File)?$/.test(setting.path.at(-1)!)
    )
      continue;
    let object = target;
    for (const key of setting.path.slice(0, -1)) {
      if (typeof object[key] !== "object" || object[key] === null) object[key] = {};
      object = object[key] as Record<string, unknown>;
    }
    object[setting.path.at(-1)!] = setting.read(text);
    variables.set(setting.path.join("."), name);
  }
  return variables;
}

/** One line for what is wrong and where; of a choice between shapes, what is wrong with the one that was meant. */
function explain(
  issue: z.core.$ZodIssue,
  from: string,
  variables: ReadonlyMap<string, string>,
  above: readonly PropertyKey[] = [],
): string {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    const meant = issue.errors.map(foremost).sort((a, b) => weight(a) - weight(b))[0];
    if (meant) return explain(meant, from, variables, path);
  }
  const shown = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const near = nearestName(key, keysAt(path));
    return `${from}: unknown key ${shown ? `${shown}.` : ""}${key}${near === undefined ? "" : `; did you mean ${near}?`}`;
  }
  const variable = variables.get(shown) ?? variables.get(shown.replace(/\[\d+\]$/, ""));
  return variable === undefined
    ? `${from}: ${shown || "the config"}: ${issue.message}`
    : `${variable}: ${issue.message}`;
}

/** What is missing is often there under a mistyped name: the unknown key says more. */
const foremost = (issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue =>
  issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;

/** Of several shapes the one that failed deepest, or on a key it does not know, is the likeliest to be meant. */
const weight = (issue: z.core.$ZodIssue): number =>
  issue.code === "unrecognized_keys" ? 0 : issue.code === "invalid_value" ? 9 : 5 - issue.path.length;

/** The keys that are known at a place of the config. */
function keysAt(path: readonly PropertyKey[]): string[] {
  const down = (schemas: unknown[], [key, ...rest]: readonly PropertyKey[]): unknown[] => {
    if (key === undefined) return schemas;
    const next = schemas.flatMap((schema): unknown[] => {
      if (schema instanceof z.ZodArray && typeof key === "number") return [schema.element];
      return schema instanceof z.ZodObject ? [schema.shape[key as string]] : [];
    });
    return down(next.flatMap(options), rest);
  };
  return down(options(configSchema), path).flatMap((schema) =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
  );
}

const options = (schema: unknown): unknown[] => {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodUnion ? inner.options.flatMap(options) : [inner];
};
