import { z } from "zod";
import { AgentError } from "../agentError.js";
import { nearestName } from "../nearestName.js";

/** Prefix of the environment variables that override the file: `HASHWATT_AGENT_BROKER_URL` is `broker.url`. */
export const ENV_PREFIX = "HASHWATT_AGENT_";

interface Setting {
  path: string[];
  read(text: string): unknown;
}

/** Every scalar key and list of words that the environment may set, by its variable. Lists of objects belong into a file. */
export function variablesOf(schema: z.ZodType): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  collect(schema, [], settings);
  return settings;
}

function collect(schema: z.ZodType, path: string[], settings: Map<string, Setting>): void {
  let inner: unknown = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  if (inner instanceof z.ZodObject)
    for (const [key, value] of Object.entries(inner.shape))
      collect(value as z.ZodType, [...path, key], settings);
  else if (!(inner instanceof z.ZodArray) || inner.element instanceof z.ZodString)
    settings.set(ENV_PREFIX + path.map((key) => key.replace(/[A-Z]/g, "_$&").toUpperCase()).join("_"), {
      path,
      read: readerOf(inner),
    });
}

function readerOf(schema: unknown): Setting["read"] {
  if (schema instanceof z.ZodNumber) return (text) => (/^\d+$/.test(text.trim()) ? Number(text) : text);
  if (schema instanceof z.ZodBoolean)
    return (text) => (text === "true" ? true : text === "false" ? false : text);
  return schema instanceof z.ZodArray ? words : (text) => text;
}

/** A list of words as one variable holds it, separated by commas or blanks. */
export const words = (text: string): string[] => text.split(/[,\s]+/).filter((word) => word !== "");

/** Sets in `target` what `env` overrides. Throws `config` for a variable of that prefix that is no setting. */
export function applyEnvironment(
  target: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
  settings: ReadonlyMap<string, Setting>,
): void {
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(ENV_PREFIX) || text === undefined) continue;
    const setting = settings.get(name);
    if (!setting) {
      const near = nearestName(name, [...settings.keys()]);
      throw new AgentError(
        "config",
        `${name} is no setting of the agent${near ? `; did you mean ${near}?` : ""}`,
      );
    }
    const { path, read } = setting;
    // Compose hands on what nobody has set as an empty text.
    if (text === "" && /^password(File)?$/.test(path.at(-1)!)) continue;
    let object = target;
    for (const key of path.slice(0, -1)) {
      if (typeof object[key] !== "object" || object[key] === null) object[key] = {};
      object = object[key] as Record<string, unknown>;
    }
    object[path.at(-1)!] = read(text);
  }
}
