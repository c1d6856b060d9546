import { clockAt } from "@hashwatt/protocol/time";
import { AgentError } from "../agentError.js";
import { loadConfig } from "../config.js";
import { feelPulse } from "../heartbeat.js";
import { readArguments } from "./commandLine.js";

export const HEALTH_HELP = `Says whether the agent of this data folder runs, and how it is; exit code 1 when it does not.

  hashwatt-agent health [--config FILE]

An agent whose broker or rigs are away is in good health: it keeps what it reads. Containers and service managers ask this.`;

/** `agent health`: prints how the running agent is. Throws an AgentError when none gives a sign of life. */
export function healthCommand(args: readonly string[], print: (text: string) => void): void {
  const { values } = readArguments(args, {
    config: { type: "string", short: "c" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) {
    print(HEALTH_HELP);
    return;
  }
  const { dataDir, clock } = loadConfig(values.config);
  const { alive, text } = feelPulse(dataDir, clockAt(clock).nowMs());
  if (!alive) throw new AgentError("silent", text);
  print(text);
}
