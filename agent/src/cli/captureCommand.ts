import { existsSync, writeFileSync } from "node:fs";
import { systemClock } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { captureRig } from "../capture/captureRig.js";
import { parseRigAddress } from "../discovery/targets.js";
import { openRigLinks } from "../links/rigLinks.js";
import { newRigSession } from "../rigSession.js";
import { readArguments, readPort } from "./commandLine.js";
import { loginsOf } from "./readCommand.js";

export const CAPTURE_HELP = `Asks one rig all that can be asked without changing it, and writes the answers as a capture: the
file by which a rig that is not supported yet becomes one.

  hashwatt-agent capture <address[:port]> [--out FILE] [--http-port P] [--v3-port P]
                         [--config FILE] [--login USER [--password-file FILE] [--basic]] [--no-default-login]

  --out FILE   writes there instead of to stdout; an existing file is left alone
  the others   as in hashwatt-agent read

Accounts, host names, serial numbers, MAC and network addresses, passwords and tokens are replaced by
placeholders; what was replaced is said on stderr. Look at the file before you send it to anybody.`;

/** `agent capture`: writes a capture to stdout or a file. Throws an AgentError that says why there is none. */
export async function captureCommand(
  args: readonly string[],
  print: (text: string) => void,
  note: (text: string) => void,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const { values, positionals } = readArguments(args, {
    out: { type: "string", short: "o" },
    "http-port": { type: "string" },
    "v3-port": { type: "string" },
    config: { type: "string", short: "c" },
    login: { type: "string" },
    "password-file": { type: "string" },
    basic: { type: "boolean" },
    "no-default-login": { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return print(CAPTURE_HELP);
  const [target, ...more] = positionals;
  if (target === undefined || more.length)
    throw new AgentError("config", "capture takes one address; see hashwatt-agent capture --help");
  // Before the rig is asked for minutes.
  if (values.out !== undefined && existsSync(values.out)) throw taken(values.out);
  const { address, port } = parseRigAddress(target);
  const session = newRigSession(address, port, {
    httpPort: readPort("http-port", values["http-port"]),
    v3Port: readPort("v3-port", values["v3-port"]),
  });
  const links = openRigLinks(systemClock, {}, signal, loginsOf(values));
  try {
    const { capture, replaced } = await captureRig(session, links, systemClock, version, (what) =>
      note(`answered: ${what}`),
    );
    const text = JSON.stringify(capture, undefined, 1);
    if (values.out === undefined) print(text);
    else write(values.out, text);
    note(
      replaced
        ? `replaced by placeholders: ${replaced}; look at the file before you send it`
        : "nothing personal was found to be replaced; look at the file before you send it",
    );
  } finally {
    links.close();
  }
}

const taken = (path: string, cause?: unknown) =>
  new AgentError("config", `${path} exists: give another --out, or remove it first`, { cause });

function write(path: string, text: string): void {
  try {
    writeFileSync(path, `${text}\n`, { flag: "wx" });
  } catch (cause) {
    const { code = "unknown" } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") throw taken(path, cause);
    throw new AgentError(
      "config",
      `cannot write ${path} (${code}): give an --out in a folder that is there and may be written to`,
      { cause },
    );
  }
}
