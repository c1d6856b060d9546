import type { RigStatus } from "@hashwatt/protocol/sample";
import type { Clock } from "@hashwatt/protocol/time";
import type { AgentStatus } from "@hashwatt/protocol/topics";

/** The spool as the status message shows it. */
export type SpoolStatus = NonNullable<AgentStatus["spool"]>;

export interface StatusReporterOptions {
  clock: Clock;
  version: string;
  /** Id of this run. */
  boot: string;
  rigCounts(): Partial<Record<RigStatus, number>>;
  spool(): SpoolStatus;
  /** Server minus agent clock, ms; undefined until an ack told it. */
  clockOffsetMs(): number | undefined;
  /** How late the event loop was in the last whole minute; undefined before there is one. */
  loopLag(): AgentStatus["loopLag"];
  /** False when the message cannot be taken. */
  publish(json: string): boolean;
}

const EVERY_MS = 10_000;
const CHANGE_MS = 1_000;

/** Says how the agent does: at each connection, every 10 s, and within a second of a change that matters. */
export class StatusReporter {
  readonly #options: StatusReporterOptions;
  readonly #startedMs: number;
  #saidMs = Number.NEGATIVE_INFINITY;
  #said = "";

  constructor(options: StatusReporterOptions) {
    this.#options = options;
    this.#startedMs = Math.round(options.clock.nowMs());
  }

  /** A new connection: what was said on the former one may not have arrived. */
  connected(): void {
    this.#saidMs = Number.NEGATIVE_INFINITY;
    this.tick();
  }

  /** To be called several times a second. */
  tick(): void {
    const { clock, rigCounts, spool, publish } = this.#options;
    const sinceMs = clock.monoMs() - this.#saidMs;
    if (sinceMs < CHANGE_MS) return;
    const rigs = rigCounts();
    const depth = spool();
    const key = JSON.stringify([rigs, depth.error, depth.droppedBatches, depth.damagedRecords]);
    if (key === this.#said && sinceMs < EVERY_MS) return;
    const offsetMs = this.#options.clockOffsetMs();
    const loopLag = this.#options.loopLag();
    const status: AgentStatus = {
      ...this.#head("online"),
      rigs,
      spool: depth,
      ...(offsetMs !== undefined && { clockOffsetMs: offsetMs }),
      ...(loopLag && { loopLag }),
    };
    if (!publish(JSON.stringify(status))) return;
    this.#said = key;
    this.#saidMs = clock.monoMs();
  }

  /** What the broker says in the agent's place when it vanishes, and what the agent says when it goes. */
  get offline(): string {
    return JSON.stringify(this.#head("offline"));
  }

  #head(state: AgentStatus["state"]): AgentStatus {
    const { version, boot, clock } = this.#options;
    return { v: 1, state, version, boot, startedMs: this.#startedMs, sentMs: Math.round(clock.nowMs()) };
  }
}
