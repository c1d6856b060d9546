import { readFileSync } from "node:fs";
import { parse, YAMLParseError } from "yaml";
import { AgentError } from "./agentError.js";

/** The first line of a file that the config names; throws `config` with the key when it cannot be read. */
export const firstLine = (path: string, key: string): string => readOrSay(path, key).split(/\r?\n/, 1)[0]!;

/** The text of a file that the config names; throws `config` with the key when it cannot be read. */
export function readOrSay(path: string, key: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new AgentError("config", `${key}: cannot read ${path} (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}

/** The keys of a config in YAML or JSON, none for an empty text; throws `config` with the file, `from`, and the line. */
export function parseKeys(text: string, from: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0, logLevel: "error" });
  } catch (cause) {
    const at = cause instanceof YAMLParseError && cause.linePos ? ` line ${cause.linePos[0].line}` : "";
    const why = String((cause as Error).message).split("\n", 1)[0];
    throw new AgentError("config", `${from}${at}: is no YAML: ${why}`, { cause });
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw new AgentError("config", `${from}: must be a list of keys such as "site: home"`);
  return value as Record<string, unknown>;
}
