import { systemClock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { SCAN, scan } from "../discovery/scan.js";
import { expandRanges } from "../discovery/targets.js";
import { openRigLinks } from "../links/rigLinks.js";
import { readRig } from "../readRig.js";
import { newRigSession } from "../rigSession.js";
import { readArguments, readPort } from "./commandLine.js";
import { describeHashrate } from "./describeHashrate.js";

export const SCAN_HELP = `Looks for rigs and prints each as it is found, with what it is.

  hashwatt-agent scan <address, range or CIDR…> [--exclude A]… [--port P] [--http-port P] [--v3-port P] [--json]

  --exclude A    an address, range or CIDR that is not touched; repeatable
  --port P       port of the cgminer API, 4028 unless given
  --http-port P  port of the rigs' web interface, where it is not the maker's
  --v3-port P    port of the WhatsMiner API 3, 4433 unless given
  --json         one JSON object a line: address, port, and make, model, firmware, status, hashrateThs or error

Who does not answer on the port of the cgminer API is not found; read, and rigs: in the agent's config, reach it by its
address (Bitaxe, and others that speak on their web interface alone).

For example: hashwatt-agent scan 192.168.1.0/24 10.0.0.10-50`;

/** `agent scan`: prints what answers in the given ranges to stdout, and a summary to `note`. Throws `config`. */
export async function scanCommand(
  args: readonly string[],
  print: (text: string) => void,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { values, positionals } = readArguments(args, {
    exclude: { type: "string", multiple: true },
    port: { type: "string" },
    "http-port": { type: "string" },
    "v3-port": { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return print(SCAN_HELP);
  if (positionals.length === 0)
    throw new AgentError(
      "config",
      "scan takes at least one address, range or CIDR; see hashwatt-agent scan --help",
    );
  const port = readPort("port", values.port) ?? SCAN.port;
  const ports = {
    httpPort: readPort("http-port", values["http-port"]),
    v3Port: readPort("v3-port", values["v3-port"]),
  };
  const addresses = expandRanges(positionals, values.exclude);
  const links = openRigLinks(systemClock, {}, signal);
  const readings: Promise<void>[] = [];
  const describe = async (address: string) => {
    const line = await read(address);
    if (!signal.aborted) print(values.json ? JSON.stringify(line) : inWords(line));
  };
  const read = async (address: string): Promise<ScanLine> => {
    try {
      const { reading } = await readRig(newRigSession(address, port, ports), links, systemClock, true);
      const { make, model, firmware, status, hashrateThs } = reading;
      return { address, port, make, model, firmware, status, hashrateThs };
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      return { address, port, error: error.message };
    }
  };
  try {
    const found = await scan(
      addresses,
      { port },
      (address) => {
        readings.push(describe(address));
      },
      systemClock,
      signal,
    );
    await Promise.all(readings);
    note(`${found} of ${addresses.length} addresses answer on port ${port}`);
  } finally {
    links.close();
  }
}

interface ScanLine {
  address: string;
  port: number;
  make?: string;
  model?: string;
  firmware?: string;
  status?: string;
  hashrateThs?: number;
  error?: string;
}

function whatOf({ make, model, firmware }: ScanLine): string {
  if (model !== undefined) return model;
  const what = make === undefined ? "unknown model" : `${make}, model unknown`;
  return firmware === undefined ? what : `${what} (${firmware})`;
}

function inWords(line: ScanLine): string {
  const where = (line.port === SCAN.port ? line.address : `${line.address}:${line.port}`).padEnd(21);
  if (line.error !== undefined) return `${where} ${line.error}`;
  const rate = line.hashrateThs === undefined ? "" : ` ${describeHashrate(line.hashrateThs)}`;
  return `${where} ${whatOf(line)}  ${line.status}${rate}`;
}
