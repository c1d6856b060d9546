import { systemClock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { type AgentConfig, loadConfig, loginRules, RIG_PASSWORD, rigPassword } from "../config.js";
import { parseRigAddress } from "../discovery/targets.js";
import { openRigLinks } from "../links/rigLinks.js";
import { type Logins, newLogins } from "../logins.js";
import { openNeighbours } from "../neighbours.js";
import { readRig } from "../readRig.js";
import { newRigSession } from "../rigSession.js";
import { readArguments, readPort } from "./commandLine.js";
import { contractReading } from "./contractReading.js";
import { describeReading } from "./describeReading.js";

export const READ_HELP = `Reads one rig once and prints what it says, in W, TH/s, °C and rpm.

  hashwatt-agent read <address[:port]> [--json] [--http-port P] [--v3-port P]
                      [--config FILE] [--login USER [--password-file FILE] [--basic]] [--no-default-login]

  --json                one JSON object; a key is absent when the rig does not report it
  --http-port P         port of the rig's web interface, where it is not the maker's
  --v3-port P           port of the WhatsMiner API 3, 4433 unless given
  --config FILE         the agent's config, whose logins hold for this rig
  --login USER          user of the rig's web interface; the password comes from the
                        environment (${RIG_PASSWORD}) or a file, never from here
  --password-file FILE  its first line is the password
  --basic               sends it unencrypted, if the rig asks for HTTP Basic
  --no-default-login    does not try the login that the vendor documents

The port is 4028 unless given. Exit code 1, with the reason, when there is no reading.`;

/** `agent read`: prints one reading to stdout. Throws an AgentError that says why there is none. */
export async function readCommand(
  args: readonly string[],
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { values, positionals } = readArguments(args, {
    json: { type: "boolean" },
    "http-port": { type: "string" },
    "v3-port": { type: "string" },
    config: { type: "string", short: "c" },
    login: { type: "string" },
    "password-file": { type: "string" },
    basic: { type: "boolean" },
    "no-default-login": { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return print(READ_HELP);
  const [target, ...more] = positionals;
  if (target === undefined || more.length)
    throw new AgentError("config", "read takes one address; see hashwatt-agent read --help");
  const { address, port } = parseRigAddress(target);
  const session = newRigSession(address, port, {
    httpPort: readPort("http-port", values["http-port"]),
    v3Port: readPort("v3-port", values["v3-port"]),
  });
  const links = openRigLinks(systemClock, {}, signal, loginsOf(values));
  try {
    const { reading } = await readRig(session, links, systemClock, true).catch((error: unknown) => {
      if (!(error instanceof AgentError) || error.code !== "unsupported") throw error;
      const hint = `hashwatt-agent capture ${target} writes what a developer needs`;
      throw new AgentError(error.code, `${error.message}; ${hint}`, { cause: error });
    });
    if (reading.mac === undefined) {
      const neighbours = openNeighbours(systemClock);
      await neighbours.refresh();
      reading.mac = neighbours.macOf(address);
    }
    print(values.json ? JSON.stringify(contractReading(reading)) : describeReading(reading));
  } finally {
    links.close();
  }
}

/** The logins of a command line: the one it names before those of the config (`read`, or else read from where it says). */
export function loginsOf(
  values: {
    config?: string;
    login?: string;
    "password-file"?: string;
    basic?: boolean;
    "no-default-login"?: boolean;
  },
  read?: AgentConfig,
): Logins {
  const { config: path, login, "password-file": file, basic } = values;
  if (login === undefined && file !== undefined)
    throw new AgentError("config", "--password-file needs --login USER");
  if (login === undefined && basic) throw new AgentError("config", "--basic needs --login USER");
  const config = read ?? (path === undefined ? undefined : loadConfig(path));
  return newLogins(
    [
      ...(login === undefined ? [] : [{ username: login, password: rigPassword(file), basic }]),
      ...(config ? loginRules(config) : []),
    ],
    values["no-default-login"] !== true && config?.defaultLogins !== false,
  );
}
