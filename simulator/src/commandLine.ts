import { parseArgs } from "node:util";
import { type ConfigPart, fromText } from "./config.js";
import { SimulatorError } from "./errors.js";
import { nearest } from "./nearest.js";

/** What the operator asked for. */
export interface CommandLine {
  command: "run" | "list" | "health" | "help";
  json: boolean;
  configFile: string | undefined;
  part: ConfigPart;
}

export const USAGE = `Usage: simulator run  [options]   serve a fleet of fake mining rigs on loopback addresses
       simulator list [options]   print the fleet, where it listens, and with --json its true state now
       simulator replay FOLDER    play a tape of recorded rigs (simulator replay --help)
       simulator health [options] whether a rig of the fleet that these options describe answers

  --rigs N          how many rigs (48); more than 256 share one listener on 0.0.0.0 that answers 127/8 only
  --seed S          any word or number; the same seed gives the same fleet (1)
  --port P          TCP port of the cgminer API (4028)
  --base ADDRESS    address of the first rig, the others follow (127.10.0.1)
  --speed X         how much faster than real time the physics run (1)
  --no-incidents    a fleet without a rig in trouble
  --layout L        auto, per-address, wildcard or per-port (auto)
  --captures DIR    run: serve the captured rigs of a folder instead, byte by byte, one on each address
  --families LIST   families of firmware the fleet is made of, like avalon,vnish, or all, and their web APIs with
                    them; what farms run most of unless given
  --http-port P     port of the rigs' web API, for 80 is the superuser's (80 with --families and --captures)
  --v3-port P       port of WhatsMiner API 3 (4433 with --families and --captures)
  --config FILE     YAML file with the same keys; flags and HASHWATT_SIM_RIGS etc. go before it
  --json            list: print JSON
  --help            print this

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 could not start, or health: no rig answers (one line on
stderr says what to do).
`;

const VALUED = [
  "rigs",
  "seed",
  "port",
  "base",
  "speed",
  "layout",
  "captures",
  "families",
  "http-port",
  "v3-port",
  "config",
];
const SWITCHES = ["no-incidents", "json", "help"];
const COMMANDS = ["run", "list", "health", "help"] as const;

function bad(message: string): SimulatorError {
  return new SimulatorError("bad-option", `${message} (--help lists all options)`);
}

/** Reads the arguments after the program's name. Throws `bad-option`, with the nearest known word. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const options = Object.fromEntries([
    ...VALUED.map((name) => [name, { type: "string" as const }]),
    ...SWITCHES.map((name) => [name, { type: "boolean" as const }]),
    ["h", { type: "boolean" as const }],
  ]);
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const line: CommandLine = { command: "run", json: false, configFile: undefined, part: {} };
  let command: string | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (command !== undefined) throw bad(`"${token.value}" is one word too many after "${command}"`);
      command = token.value;
    }
    if (token.kind !== "option") continue;
    const { name, value, rawName } = token;
    if (name === "help" || name === "h") return { ...line, command: "help" };
    if (SWITCHES.includes(name)) {
      if (value !== undefined) throw bad(`${rawName} takes no value`);
      if (name === "json") line.json = true;
      else line.part.incidents = false;
    } else if (VALUED.includes(name)) {
      if (value === undefined || value === "") throw bad(`${rawName} needs a value`);
      if (name === "config") line.configFile = value;
      else {
        const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
        line.part[key] = fromText(key, value);
      }
    } else {
      throw bad(`unknown option ${rawName}: did you mean --${nearest(name, [...VALUED, ...SWITCHES])}?`);
    }
  }
  if (command === undefined) throw bad('say what to do: "run", "list" or "health"');
  const known = COMMANDS.find((word) => word === command);
  if (known === undefined)
    throw bad(`unknown command "${command}": did you mean "${nearest(command, COMMANDS)}"?`);
  return { ...line, command: known };
}
