import { systemClock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { SCAN, scan } from "../discovery/scan.js";
import { expandRanges } from "../discovery/targets.js";
import { openRigLinks } from "../links/rigLinks.js";
import { readRig } from "../readRig.js";
import { newRigSession } from "../rigSession.js";
import { readArguments, readPort } from "./commandLine.js";

export const SCAN_HELP = `Looks for rigs and prints each as it is found, with what it is.

  hashwatt-agent scan <address, range or CIDR…> [--exclude A]… [--port P] [--json]

  --exclude A  an address, range or CIDR that is not touched; repeatable
  --port P     port of the cgminer API, 4028 unless given
  --json       one JSON object a line: address, port, and make, model, firmware, status, hashrateThs or error

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
  const addresses = expandRanges(positionals, values.exclude);
  const links = openRigLinks(systemClock, {}, signal);
  const readings: Promise<void>[] = [];
  const describe = async (address: string) => {
    const line = await read(address);
    if (!signal.aborted) print(values.json ? JSON.stringify(line) : inWords(line));
  };
  const read = async (address: string): Promise<ScanLine> => {
    try {
      const { reading } = await readRig(newRigSession(address, port), links, systemClock, true);
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

function inWords(line: ScanLine): string {
  const where = (line.port === SCAN.port ? line.address : `${line.address}:${line.port}`).padEnd(21);
  if (line.error !== undefined) return `${where} ${line.error}`;
  const rate = line.hashrateThs === undefined ? "" : ` ${Number(line.hashrateThs.toFixed(2))} TH/s`;
  return `${where} ${line.model ?? line.make ?? "unknown model"}  ${line.status}${rate}`;
}
