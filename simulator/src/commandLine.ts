import { parseArgs } from "node:util";
import { type ConfigPart, fromText } from "./config.js";
import { SimulatorError } from "./errors.js";
import { nearest } from "./nearest.js";

/** What the operator asked for. */
export interface CommandLine {
  command: (typeof COMMANDS)[number];
  json: boolean;
  /** What "do" is to do: an action's name, "show" or "end", and its words like `rigs=rack-3/*`. */
  words: readonly string[];
  configFile: string | undefined;
  part: ConfigPart;
}

export const USAGE = `Usage: simulator run  [options]   serve a fleet of fake mining rigs on loopback addresses
       simulator list [options]   print the fleet, where it listens, and with --json its true state now
       simulator replay FOLDER    play a tape of recorded rigs (simulator replay --help)
       simulator health [options] whether a rig of the fleet that these options describe answers
       simulator scenarios        print all scenarios with their parameters (also: run --list)
       simulator actions          print all that a timeline and "do" can do, with their parameters
       simulator do ACTION [rigs=rack-1/3] [for=20m] [at=+5m] [WORD=VALUE …] [options]
                                  do something to the running fleet that these options describe; "do show" lists
                                  what goes on, "do end id=3" ends it
       simulator draw FILE.svg [hours=24] [options]
                                  draw a day of such a fleet: inlets, chips, hashrate, power (heze-summer unless
                                  a scenario is given)

  --rigs N          how many rigs (48); more than 256 share one listener on 0.0.0.0 that answers 127/8 only
  --seed S          any word or number; the same seed gives the same fleet (1)
  --port P          TCP port of the cgminer API (4028)
  --base ADDRESS    address of the first rig, the others follow (127.10.0.1)
  --speed X         how much faster than real time the physics run (1)
  --clock O,X       the time that agent and server are given as clock: {originMs: O, speed: X} (the machine's)
  --scenario LIST   what happens: names of scenarios, or paths of timelines (.yaml), separated by commas
  --set S.P=VALUE   a scenario's parameter, like heat-wave.by=8; may be given more than once
  --start DATE      the fleet's own time when it begins, like 2026-07-20T12:00:00Z (now)
  --control-port P  where "do" is heard, on the base address, or off (the port after the last rig's)
  --no-incidents    a fleet without a rig in trouble; with --scenario there is none either
  --layout L        auto, per-address, wildcard or per-port (auto)
  --captures DIR    run: serve the captured rigs of a folder instead, byte by byte, one on each address
  --families LIST   families of firmware the fleet is made of, like avalon,vnish, or all, and their web APIs with
                    them; what farms run most of unless given
  --http-port P     port of the rigs' web API, for 80 is the superuser's (80 with --families and --captures)
  --v3-port P       port of WhatsMiner API 3 (4433 with --families and --captures)
  --config FILE     YAML file with the same keys; flags and HASHWATT_SIM_RIGS etc. go before it
  --json            list, scenarios, actions, do: print JSON
  --help            print this
  --version         print the version

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 could not start, or health: no rig answers (one line on
stderr says what to do).
`;

const VALUED = [
  "rigs",
  "seed",
  "port",
  "base",
  "speed",
  "clock",
  "layout",
  "captures",
  "families",
  "http-port",
  "v3-port",
  "config",
  "scenario",
  "set",
  "start",
  "control-port",
];
const SWITCHES = ["no-incidents", "json", "list", "help", "version"];
const COMMANDS = ["run", "list", "health", "scenarios", "actions", "do", "draw", "help", "version"] as const;
/** Commands that are followed by words of their own. */
const WORDY = ["do", "draw"];

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
  const words: string[] = [];
  const line: CommandLine = { command: "run", json: false, words, configFile: undefined, part: {} };
  let lists = false;
  let command: string | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") {
      if (command !== undefined && WORDY.includes(command)) {
        words.push(token.value);
        continue;
      }
      if (command !== undefined) throw bad(`"${token.value}" is one word too many after "${command}"`);
      command = token.value;
    }
    if (token.kind !== "option") continue;
    const { name, value, rawName } = token;
    if (name === "help" || name === "h") return { ...line, command: "help" };
    if (name === "version") return { ...line, command: "version" };
    if (SWITCHES.includes(name)) {
      if (value !== undefined) throw bad(`${rawName} takes no value`);
      if (name === "json") line.json = true;
      else if (name === "list") lists = true;
      else line.part.incidents = false;
    } else if (VALUED.includes(name)) {
      if (value === undefined || value === "") throw bad(`${rawName} needs a value`);
      if (name === "config") line.configFile = value;
      else if (name === "set")
        line.part.set = { ...(line.part.set as object), ...(fromText("set", value) as object) };
      else {
        const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
        line.part[key] = fromText(key, value);
      }
    } else {
      throw bad(`unknown option ${rawName}: did you mean --${nearest(name, [...VALUED, ...SWITCHES])}?`);
    }
  }
  if (lists) return { ...line, command: "scenarios" };
  if (command === undefined) throw bad('say what to do: "run", "list" or "health"');
  const known = COMMANDS.find((word) => word === command);
  if (known === undefined)
    throw bad(`unknown command "${command}": did you mean "${nearest(command, [...COMMANDS, "replay"])}"?`);
  return { ...line, command: known };
}
