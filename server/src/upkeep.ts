import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { CommitQueue } from "./intake/commitQueue.js";
import type { Roller } from "./rollup/roller.js";
import { HOUR_MS } from "./rollup/row.js";
import type { Retention } from "./store/retention.js";
import { nightlyExport } from "./store/state/export.js";
import type { StateStore } from "./store/state/state.js";
import type { StreamMarks } from "./streams/streamMarks.js";

const DAY_MS = 86_400_000;
const ROLL_MS = 5_000;
/** What upkeep works on. */
export interface UpkeepParts {
  state: StateStore;
  roller: Roller;
  retention: Retention;
  marks: StreamMarks;
  /** Data folder that gets a nightly export; undefined for a store that forgets with its process. */
  exportTo: string | undefined;
  queue: CommitQueue;
  clock: Clock;
  log: Logger;
}

/** What is done beside the samples' way: rollups as their buckets close, retention every hour, an export every night. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #timers: Timer[] = [];
  #running: Promise<void> | undefined;
  #hourlyMs: number;
  #exportDay: number;
  #closed = false;
  /** What failed last; undefined while all works. */
  problem: string | undefined;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    const nowMs = parts.clock.nowMs();
    this.#hourlyMs = nowMs;
    this.#exportDay = Math.floor(nowMs / DAY_MS);
  }

  start(): void {
    this.#timers.push(this.#parts.clock.every(ROLL_MS, () => void this.step()));
  }

  /** Does what is due; a call while one runs joins it. Never rejects. */
  step(): Promise<void> {
    this.#running ??= this.#step().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) timer[Symbol.dispose]();
    await this.#running;
  }

  async #step(): Promise<void> {
    const { roller, clock, log } = this.#parts;
    try {
      await roller.close(clock.nowMs());
      if (clock.nowMs() - this.#hourlyMs >= HOUR_MS && !this.#closed) {
        this.#hourlyMs = clock.nowMs();
        await this.#hourly(clock.nowMs());
      }
      if (this.problem !== undefined) log.info("upkeep works again");
      this.problem = undefined;
    } catch (error) {
      const why = (error as Error).message;
      if (this.problem !== why) log.error({ err: error }, "upkeep failed");
      this.problem = why;
    }
  }

  /** Retention and the nightly export. */
  async #hourly(nowMs: number): Promise<void> {
    const { retention, state, marks, exportTo, queue } = this.#parts;
    marks.evict(nowMs);
    const { events } = await retention.step(nowMs);
    for (const text of events) queue.event({ atMs: nowMs, kind: "disk-limit", text });
    const today = Math.floor(nowMs / DAY_MS);
    if (today === this.#exportDay || exportTo === undefined) return;
    await nightlyExport(state, { dataDir: exportTo, nowMs });
    this.#exportDay = today;
    queue.event({
      atMs: nowMs,
      kind: "exported",
      text: "The state was exported; the last seven nights are kept in the folder exports",
    });
  }
}
