import { systemClock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { InTurn } from "../discovery/inTurn.js";
import { type Answered, SCAN, scan } from "../discovery/scan.js";
import { expandRanges } from "../discovery/targets.js";
import { openRigLinks } from "../links/rigLinks.js";
import { readRig } from "../readRig.js";
import { newRigSession } from "../rigSession.js";
import { readArguments, readPort } from "./commandLine.js";
import { describeHashrate } from "./describeHashrate.js";
import { ProgressBar, type Terminal } from "./progressBar.js";

/** Rigs that are read at a time while the scan goes on. */
const READS = 128;

export const SCAN_HELP = `Looks for rigs and prints each as it is found, with what it is.

  hashwatt-agent scan <address, range or CIDR…> [--exclude A]… [--port P] [--all] [--json]
                      [--http-port P] [--v3-port P]

Port 4028 is tried at every address. A host that refuses it is looked at on 80 and 4433, where Bitaxe, Braiins REST and
WhatsMiner API 3 answer; what is no rig there is only counted. A /16 of which nothing answers takes a minute and a half.

  --exclude A  an address, range or CIDR that is not touched; repeatable
  --port P     port of the cgminer API, 4028 unless given
  --http-port P, --v3-port P  of the web interface and the WhatsMiner API 3, 80 and 4433 unless given
  --all        also prints hosts with a web page that no dialect knows
  --json       one JSON object a line: address, port, and make, model, firmware, status, hashrateThs or error

For example: hashwatt-agent scan 192.168.1.0/24 10.0.0.10-50`;

/** `agent scan`: prints what answers in the given ranges to stdout, a summary to `note`, and how far it is to `terminal`. Throws `config`. */
export async function scanCommand(
  args: readonly string[],
  print: (text: string) => void,
  note: (text: string) => void,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<void> {
  const { values, positionals } = readArguments(args, {
    exclude: { type: "string", multiple: true },
    port: { type: "string" },
    "http-port": { type: "string" },
    "v3-port": { type: "string" },
    all: { type: "boolean" },
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
  const web = {
    httpPort: readPort("http-port", values["http-port"]),
    v3Port: readPort("v3-port", values["v3-port"]),
  };
  const addresses = expandRanges(positionals, values.exclude);
  const links = openRigLinks(systemClock, {}, signal);
  const readings: Promise<void>[] = [];
  const reads = new InTurn(READS);
  using bar = new ProgressBar(addresses.length, terminal, systemClock);
  let others = 0;
  const describe = async (address: string, what: Answered) => {
    const line = await reads.run(() => read(address));
    if (signal.aborted) return;
    if (what === "web" && line.isUnknown) {
      others++;
      if (!values.all) return;
    } else bar.found++;
    const { isUnknown: _, ...told } = line;
    bar.above(() => print(values.json ? JSON.stringify(told) : inWords(told)));
  };
  const read = async (address: string): Promise<ScanLine> => {
    const session = newRigSession(address, port, web);
    try {
      const { reading } = await readRig(session, links, systemClock, true);
      const { make, model, firmware, status, hashrateThs } = reading;
      return { address, port, make, model, firmware, status, hashrateThs };
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      return { address, port, error: error.message, isUnknown: session.dialect === undefined };
    }
  };
  try {
    await scan(
      addresses,
      { port, ...web },
      {
        found: (address, what) => readings.push(describe(address, what)),
        tried: () => bar.done++,
      },
      systemClock,
      signal,
    );
    await Promise.all(readings);
    const rest = others
      ? `, and ${others} more have a web page that is no rig's${values.all ? "" : " (--all)"}`
      : "";
    bar.above(() => note(`${bar.found} of ${addresses.length} addresses answer as rigs${rest}`));
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
  /** No dialect knows it. */
  isUnknown?: boolean;
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
