import type { AgentStatus } from "@hashwatt/protocol/topics";

/** The spool as the status message shows it. */
export type SpoolStatus = NonNullable<AgentStatus["spool"]>;

/** An agent's birth, its will or the repetition of either; what is undefined is left out. */
export function agentStatus(
  state: AgentStatus["state"],
  known: { [K in keyof Omit<AgentStatus, "v" | "state">]?: AgentStatus[K] | undefined },
): AgentStatus {
  const status: AgentStatus = { v: 1, state };
  const { version, boot, startedMs, sentMs, rigs, spool, clockOffsetMs } = known;
  if (version !== undefined) status.version = version;
  if (boot !== undefined) status.boot = boot;
  if (startedMs !== undefined) status.startedMs = Math.round(startedMs);
  if (sentMs !== undefined) status.sentMs = Math.round(sentMs);
  if (rigs !== undefined) status.rigs = rigs;
  if (spool !== undefined) status.spool = spool;
  if (clockOffsetMs !== undefined) status.clockOffsetMs = clockOffsetMs;
  return status;
}
