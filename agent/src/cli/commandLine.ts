import { parseArgs } from "node:util";
import { AgentError } from "../agentError.js";
import { nearestName } from "../nearestName.js";

/** The options of a subcommand, as `parseArgs` wants them. */
export type Options = Record<string, { type: "string" | "boolean"; short?: string; multiple?: boolean }>;

/** What was given: a switch is true, an option its text, a repeatable option the list of its texts. */
export interface Arguments<T extends Options> {
  values: {
    [K in keyof T]?: T[K]["type"] extends "boolean"
      ? boolean
      : T[K] extends { multiple: true }
        ? string[]
        : string;
  };
  positionals: string[];
}

/** Reads a subcommand's arguments. Throws `config`, one line, for an unknown option (naming the nearest) or a missing value. */
export function readArguments<const T extends Options>(args: readonly string[], options: T): Arguments<T> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { values: values as Arguments<T>["values"], positionals };
  } catch (cause) {
    const message = (cause as Error).message.split(". ", 1)[0]!;
    const unknown = message.match(/Unknown option '(-+)([^']+)'/);
    if (unknown) {
      const near = nearestName(unknown[2]!, Object.keys(options));
      throw new AgentError(
        "config",
        `unknown option ${unknown[1]}${unknown[2]}${near ? `; did you mean --${near}?` : "; see --help"}`,
        { cause },
      );
    }
    throw new AgentError("config", `${message}; see --help`, { cause });
  }
}

/** Reads an option that is a TCP port; undefined when it was not given. Throws `config`. */
export function readPort(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw new AgentError("config", `--${name} must be a port from 1 to 65535, not "${text}"`);
  return port;
}
