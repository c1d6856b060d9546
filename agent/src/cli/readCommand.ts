import { systemClock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { parseRigAddress } from "../discovery/targets.js";
import { openRigLinks } from "../links/rigLinks.js";
import { openNeighbours } from "../neighbours.js";
import { readRig } from "../readRig.js";
import { newRigSession } from "../rigSession.js";
import { readArguments, readPort } from "./commandLine.js";
import { contractReading } from "./contractReading.js";
import { describeReading } from "./describeReading.js";

export const READ_HELP = `Reads one rig once and prints what it says, in W, TH/s, °C and rpm.

  hashwatt-agent read <address[:port]> [--json] [--http-port P] [--v3-port P]

  --json         one JSON object; a key is absent when the rig does not report it
  --http-port P  port of the rig's web interface; no dialect of this version reads it yet
  --v3-port P    port of the Whatsminer v3 API; no dialect of this version reads it yet

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
  const links = openRigLinks(systemClock, {}, signal);
  try {
    const { reading } = await readRig(session, links, systemClock, true);
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
