import { checked } from "@hashwatt/protocol/checked";
import type { AgentView } from "@hashwatt/protocol/http";
import { plainText } from "@hashwatt/protocol/plainText";
import { type AgentStatus, agentStatusSchema, type ParsedBatch } from "@hashwatt/protocol/topics";
import type { StreamMark } from "./store/store.js";

/** Agents that are kept in mind; of others, status and samples are refused. */
export const MAX_AGENTS = 1_024;
/** What is outstanding for less than this is on its way, not behind. */
const BEHIND_MS = 10_000;
/** A late batch tells that a backlog arrives, and how far behind it is, for so long; then only the agent's status does. */
const LATE_BATCH_MS = 15_000;
/** An agent says every 10 s how it is: after this its last status describes it no more, and one of which nothing came is silent. */
const SILENT_MS = 25_000;
/** A run that lasted longer than this ends with a goodbye that is younger than its will, which is written when it starts. */
const SHORT_RUN_MS = 1_000;
/** One that is gone for good is forgotten after this. */
const FORGET_MS = 600_000;

/** Whose messages they are: site and agent come from the topic. */
interface From {
  site: string;
  agent: string;
}

interface Agent extends From {
  status: AgentStatus | undefined;
  /** When the status came. */
  statusMs: number;
  /** When it last said anything itself. */
  heardMs: number;
  /** Newest sample time of the latest late batch, and when it came. */
  lateAtMs: number | undefined;
  lateMs: number;
  lostBatches: number;
  /** When it said goodbye by itself; undefined while it lives, and when it vanished. */
  leftMs: number | undefined;
  /** Whether a rig is read by it, as the last sweep found. */
  hasRigs: boolean;
  /** Why nothing of what it says can be taken: it is newer than this server. */
  newer: string | undefined;
  /** First sweep that knew nothing of it but old marks. */
  unheardSinceMs: number | undefined;
}

const keyOf = ({ site, agent }: From): string => `${site}/${agent}`;

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
  status(from: From, json: unknown, nowMs: number): string | undefined {
    const parsed = checked(agentStatusSchema, json);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return `status.${issue?.path.join(".")}: ${issue?.message}`;
    }
    const agent = this.#agent(from);
    if (!agent) return `more than ${MAX_AGENTS} agents`;
    const told = parsed.data;
    if (told.version !== undefined) told.version = plainText(told.version);
    if (told.spool?.error !== undefined) told.spool.error = plainText(told.spool.error);
    agent.leftMs = told.state === "offline" ? goodbyeMs(told, agent.status, nowMs) : undefined;
    // A will says only that the agent is gone; what it said while it lived still describes it.
    agent.status = told.state === "offline" ? { ...agent.status, ...told } : told;
    agent.statusMs = nowMs;
    // The will is the broker's word, not the agent's.
    const saidMs = told.state === "online" ? nowMs : agent.leftMs;
    if (saidMs !== undefined) agent.heardMs = Math.max(agent.heardMs, saidMs);
    return undefined;
  }

  /** Notes a batch that was accepted. */
  batch(from: From, batch: ParsedBatch, nowMs: number): void {
    const agent = this.#agent(from);
    if (!agent) return;
    agent.heardMs = nowMs;
    agent.newer = undefined;
    if (batch.live) return;
    agent.lateMs = nowMs;
    const newest = batch.samples.at(-1)?.atMs;
    if (newest !== undefined) agent.lateAtMs = newest;
  }

  /** Notes that an agent speaks what this server does not understand yet, and why. Returns whether that is news. */
  newer(from: From, why: string, nowMs: number): boolean {
    const agent = this.#agent(from);
    if (!agent) return false;
    agent.heardMs = nowMs;
    const news = agent.newer !== why;
    agent.newer = why;
    return news;
  }

  /** Notes batches that are lost for ever. */
  addLost(from: From, lost: number): void {
    const agent = this.#agent(from);
    if (agent) agent.lostBatches += lost;
  }

  /**
   * Forgets agents that are gone for good: those without rigs that said goodbye, or of which nothing but old marks is known,
   * for ten minutes. `owners` are the keys `site/agent` of those that rigs are read by, asked only when some agent is gone.
   */
  sweep(nowMs: number, owners: () => ReadonlySet<string>): void {
    let known: ReadonlySet<string> | undefined;
    for (const [key, agent] of this.#agents) {
      const heard = agent.status !== undefined || agent.heardMs > Number.NEGATIVE_INFINITY;
      if (heard && agent.leftMs === undefined) continue;
      known ??= owners();
      agent.hasRigs = known.has(key);
      agent.unheardSinceMs ??= nowMs;
      if (!agent.hasRigs && nowMs - (agent.leftMs ?? agent.unheardSinceMs) >= FORGET_MS)
        this.#agents.delete(key);
    }
  }

  /** How long nothing has come of an agent: 0 while it speaks; undefined where it was never heard. */
  silentMs(from: From, nowMs: number): number | undefined {
    const agent = this.#agents.get(keyOf(from));
    if (!agent || !Number.isFinite(agent.heardMs)) return undefined;
    return silentMs(agent, nowMs) ?? 0;
  }

  views(nowMs: number): AgentView[] {
    return [...this.#agents.values()].map((agent) => toView(agent, nowMs));
  }

  #agent(from: From): Agent | undefined {
    const key = keyOf(from);
    const known = this.#agents.get(key);
    if (known || this.#agents.size >= MAX_AGENTS) return known;
    const fresh: Agent = {
      site: from.site,
      agent: from.agent,
      status: undefined,
      statusMs: Number.NEGATIVE_INFINITY,
      heardMs: Number.NEGATIVE_INFINITY,
      lateAtMs: undefined,
      lateMs: Number.NEGATIVE_INFINITY,
      lostBatches: 0,
      leftMs: undefined,
      hasRigs: false,
      newer: undefined,
      unheardSinceMs: undefined,
    };
    this.#agents.set(key, fresh);
    return fresh;
  }
}

/**
 * When an agent said goodbye, in the server's time; undefined for a will, which says "offline" too, in the words that the
 * agent left with the broker when it started.
 */
function goodbyeMs(
  { sentMs, startedMs }: AgentStatus,
  before: AgentStatus | undefined,
  nowMs: number,
): number | undefined {
  if (sentMs === undefined || startedMs === undefined || sentMs - startedMs < SHORT_RUN_MS) return undefined;
  // A broker keeps the message: it may come long after it was said.
  return Math.min(nowMs, sentMs + (before?.clockOffsetMs ?? 0));
}

function toView(agent: Agent, nowMs: number): AgentView {
  const { status, site, leftMs } = agent;
  const spool = status?.spool;
  const left = leftMs !== undefined && !agent.hasRigs;
  const note = left ? undefined : noteOf(agent, nowMs);
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
    ...(status?.state === "online" && status.loopLag && { loopLag: status.loopLag }),
    ...(note !== undefined && { note }),
    ...(left && { leftMs }),
  };
}

/** How long nothing has come of an agent that is offline or silent; undefined while it speaks, and where it was never heard. */
function silentMs({ status, heardMs }: Agent, nowMs: number): number | undefined {
  const silent = nowMs - heardMs;
  return Number.isFinite(silent) && (status?.state === "offline" || silent >= SILENT_MS) ? silent : undefined;
}

function noteOf(agent: Agent, nowMs: number): string | undefined {
  if (agent.newer !== undefined) return agent.newer;
  const silent = silentMs(agent, nowMs);
  const error = agent.status?.spool?.error;
  if (silent === undefined) return error;
  const since = `silent for ${spanText(silent)}`;
  return error === undefined ? since : `${since}; it last said: ${error}`;
}

function spanText(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Age of the oldest data still to come from an agent that sends; null when nothing is outstanding for long, or nothing comes. */
function behindMs(agent: Agent, nowMs: number): number | null {
  const { status, statusMs, lateAtMs, lateMs } = agent;
  if (status?.state === "offline" || silentMs(agent, nowMs) !== undefined) return null;
  const oldestMs = status?.spool?.oldestMs;
  // The status' own clock stamped it; the offset makes it ours.
  const bySpool =
    oldestMs !== undefined && nowMs - statusMs < SILENT_MS
      ? nowMs - oldestMs - (status?.clockOffsetMs ?? 0)
      : undefined;
  const byBatch =
    lateAtMs !== undefined && nowMs - lateMs < LATE_BATCH_MS && lateMs >= statusMs
      ? nowMs - lateAtMs
      : undefined;
  const behind = byBatch ?? bySpool;
  return behind === undefined || behind < BEHIND_MS ? null : behind;
}
