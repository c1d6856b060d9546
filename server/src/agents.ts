import type { AgentView } from "@hashwatt/protocol/http";
import { type AgentStatus, agentStatusSchema, type ParsedBatch } from "@hashwatt/protocol/topics";
import type { StreamMark } from "./store/store.js";

/** Agents that are kept in mind; of others, status and samples are refused. */
export const MAX_AGENTS = 1_024;
/** What is outstanding for less than this is on its way, not behind. */
const BEHIND_MS = 10_000;
/** A late batch tells how far behind an agent is for so long; then only its status does. */
const LATE_BATCH_MS = 30_000;

interface Agent {
  site: string;
  agent: string;
  status: AgentStatus | undefined;
  /** When the status came, and the agent's clock offset it told. */
  statusMs: number;
  /** Newest sample time of the latest late batch, and when it came. */
  lateAtMs: number | undefined;
  lateMs: number;
  heardMs: number;
  lostBatches: number;
}

/** What is known of the agents: what they say of themselves, and what their batches show. */
export class Agents {
  readonly #agents = new Map<string, Agent>();

  constructor(marks: readonly StreamMark[] = []) {
    for (const mark of marks) this.addLost(mark, mark.lost);
  }

  get size(): number {
    return this.#agents.size;
  }

  /** Takes in a status message. Returns what is wrong with it, undefined when it was good. */
  status(from: { site: string; agent: string }, json: unknown, nowMs: number): string | undefined {
    const parsed = agentStatusSchema.safeParse(json);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return `status.${issue?.path.join(".")}: ${issue?.message}`;
    }
    const agent = this.#agent(from);
    if (!agent) return `more than ${MAX_AGENTS} agents`;
    // A will says only that the agent is gone; what it said while it lived still describes it.
    agent.status = parsed.data.state === "offline" ? { ...agent.status, ...parsed.data } : parsed.data;
    agent.statusMs = nowMs;
    return undefined;
  }

  /** Notes a batch that was accepted. */
  batch(from: { site: string; agent: string }, batch: ParsedBatch, nowMs: number): void {
    const agent = this.#agent(from);
    if (!agent) return;
    agent.heardMs = nowMs;
    if (batch.live) return;
    agent.lateMs = nowMs;
    const newest = batch.samples.at(-1)?.atMs;
    if (newest !== undefined) agent.lateAtMs = newest;
  }

  /** Notes batches that are lost for ever. */
  addLost(from: { site: string; agent: string }, lost: number): void {
    const agent = this.#agent(from);
    if (agent) agent.lostBatches += lost;
  }

  views(nowMs: number): AgentView[] {
    return [...this.#agents.values()].map((agent) => toView(agent, nowMs));
  }

  #agent({ site, agent }: { site: string; agent: string }): Agent | undefined {
    const key = `${site}/${agent}`;
    const known = this.#agents.get(key);
    if (known || this.#agents.size >= MAX_AGENTS) return known;
    const fresh: Agent = {
      site,
      agent,
      status: undefined,
      statusMs: 0,
      lateAtMs: undefined,
      lateMs: Number.NEGATIVE_INFINITY,
      heardMs: Number.NEGATIVE_INFINITY,
      lostBatches: 0,
    };
    this.#agents.set(key, fresh);
    return fresh;
  }
}

function toView(agent: Agent, nowMs: number): AgentView {
  const { status, site } = agent;
  const spool = status?.spool;
  return {
    site,
    agent: agent.agent,
    state: status?.state ?? "unknown",
    ...(status?.version !== undefined && { version: status.version }),
    spoolBatches: spool?.batches ?? null,
    spoolBytes: spool?.bytes ?? null,
    behindMs: behindMs(agent, nowMs),
    clockOffsetMs: status?.clockOffsetMs ?? null,
    lostBatches: agent.lostBatches,
    ...(spool?.error !== undefined && { note: spool.error }),
  };
}

/** Age of the oldest data still to come; null when nothing is outstanding for long. */
function behindMs({ status, statusMs, lateAtMs, lateMs }: Agent, nowMs: number): number | null {
  const oldestMs = status?.spool?.oldestMs;
  // The status' own clock stamped it; the offset makes it ours.
  const bySpool = oldestMs === undefined ? undefined : nowMs - oldestMs - (status?.clockOffsetMs ?? 0);
  const byBatch =
    lateAtMs !== undefined && nowMs - lateMs < LATE_BATCH_MS && lateMs >= statusMs
      ? nowMs - lateAtMs
      : undefined;
  const behind = byBatch ?? bySpool;
  return behind === undefined || behind < BEHIND_MS ? null : behind;
}
