import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { CommitQueue } from "./intake/commitQueue.js";
import type { Pricer } from "./ledger/pricer.js";
import type { Roller } from "./rollup/roller.js";
import { BUCKET_MS, HOUR_MS } from "./rollup/row.js";
import type { Retention } from "./store/retention.js";
import { exportOfDay, listExports, nightlyExport } from "./store/state/export.js";
import type { StateStore } from "./store/state/state.js";
import type { TelemetryStore } from "./store/store.js";
import type { StreamMarks } from "./streams/streamMarks.js";

const ROLL_MS = 5_000;
/** The first hourly part is so long after the start: it is over by then, and a server that seldom runs for an hour has its turn. */
const FIRST_MS = 600_000;
/** So long a step under way may take when the server ends. */
const CLOSE_MS = 1_000;
/** Within each bucket, when nothing else is due: then the state lays together what it wrote piece by piece, a piece per step. */
const MERGE_FROM_MS = 120_000;
const MERGE_TO_MS = 240_000;

/** What upkeep works on. */
export interface UpkeepParts {
  state: StateStore;
  telemetry?: Pick<TelemetryStore, "probe" | "cut" | "spare">;
  /** Resolves when what a start reads from the telemetry store is read; nothing is rolled up before. */
  ready?(): Promise<void>;
  roller: Roller;
  /** Hears what is rolled up. */
  pricer?: Pick<Pricer, "rolledUp" | "pending" | "close">;
  retention: Retention;
  marks: StreamMarks;
  /** Data folder that gets an export of each day on which the server runs; undefined for a store that forgets with its process. */
  exportTo: string | undefined;
  queue: CommitQueue;
  clock: Clock;
  log: Logger;
}

/** What is done beside the samples' way: rollups as their buckets close, retention every hour, an export every day. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  readonly #timers: Timer[] = [];
  #running: Promise<void> | undefined;
  #hourlyMs: number;
  #closed = false;
  /** The ledger has not been written into the file since rows were. */
  #unsettled = false;
  /** What each part last failed with. */
  readonly #problems = new Map<string, string>();

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    this.#hourlyMs = parts.clock.nowMs() - HOUR_MS + FIRST_MS;
  }

  /** Hours before this instant are summed up, whatever came in late; undefined before the first step. */
  get foldedToMs(): number | undefined {
    return this.#parts.roller.foldedToMs;
  }

  /** What failed last; undefined while all works. */
  get problem(): string | undefined {
    return this.#problems.values().next().value;
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
    const { clock, telemetry } = this.#parts;
    // A store that gives no answer is not waited for: what is not done now is due at the next start.
    using _cut = clock.after(CLOSE_MS, () => telemetry?.cut?.());
    await this.#running;
    this.#tellTooLate(true);
    await this.#parts.pricer?.close();
  }

  async #step(): Promise<void> {
    const { roller, marks, clock, telemetry, state } = this.#parts;
    // The store itself says how it is, wherever one asks.
    await telemetry?.probe?.().catch(() => undefined);
    // What a boundary takes of the state, and what the samples take to go into their file, are not held at once.
    if (roller.isDue(clock.nowMs())) await telemetry?.spare?.(true);
    await this.#roll();
    this.#tellTooLate();
    if (!this.#unsettled) await telemetry?.spare?.(false);
    const nowMs = clock.nowMs();
    const intoMs = nowMs % BUCKET_MS;
    if (intoMs >= MERGE_FROM_MS && intoMs < MERGE_TO_MS && !this.#closed) await state.settle(true);
    if (nowMs - this.#hourlyMs < HOUR_MS || this.#closed) return;
    this.#hourlyMs = nowMs;
    marks.evict(nowMs);
    await this.#roll(nowMs);
    await this.#part("retention", () => this.#retain(nowMs));
    await this.#part("export", () => this.#export(nowMs));
  }

  /** Rolls up what is due; `rawGoesMs` as in {@link Roller.close}. */
  #roll(rawGoesMs?: number): Promise<void> {
    const { roller, pricer, clock, ready } = this.#parts;
    return this.#part("rollups", async () => {
      await ready?.();
      for (let left = true; left && !this.#closed; ) {
        const { rigs, sites, more } = await roller.close(clock.nowMs(), rawGoesMs);
        await this.#settle(rigs + sites > 0);
        pricer?.rolledUp(roller.closedToMs, more ? roller.foldedToMs : undefined);
        left = more;
      }
    });
  }

  #tellTooLate(ends = false): void {
    const { roller, queue, clock } = this.#parts;
    const nowMs = clock.nowMs();
    for (const text of roller.tooLate.take(nowMs, ends))
      queue.event({ atMs: nowMs, kind: "readings-too-late", text });
  }

  /**
   * Has the state give back the memory of rows that it has just written, and once more of what the ledger has made of them: every
   * column of a table that rows were added to takes 256 kB, and as much again as there are rows, until they are in the file. Between, it
   * gives back what was read: a telemetry store commits all the time, and a state does not.
   */
  async #settle(written: boolean): Promise<void> {
    const { state, pricer } = this.#parts;
    if (!written && (!this.#unsettled || pricer?.pending)) return state.calm();
    this.#unsettled = written;
    await state.settle();
  }

  /** Does one part: what fails in it holds up no other, least of all the one that frees the disk. */
  async #part(name: string, work: () => Promise<unknown>): Promise<void> {
    const { log } = this.#parts;
    try {
      await work();
      if (this.#problems.delete(name)) log.info({ what: name }, "upkeep works again");
    } catch (error) {
      const why = (error as Error).message;
      if (this.#problems.get(name) !== why) log.error({ err: error, what: name }, "upkeep failed");
      this.#problems.set(name, why);
    }
  }

  async #retain(nowMs: number): Promise<void> {
    const { retention, queue } = this.#parts;
    const { events, failed } = await retention.step(nowMs);
    for (const text of events) queue.event({ atMs: nowMs, kind: "disk-limit", text });
    if (failed !== undefined) throw failed;
  }

  async #export(nowMs: number): Promise<void> {
    const { state, exportTo, queue } = this.#parts;
    if (exportTo === undefined) return;
    // What is there tells, and not since when this server runs: one that is off at midnight has its export by day.
    if ((await listExports(exportTo)).includes(exportOfDay(exportTo, nowMs))) return;
    await nightlyExport(state, { dataDir: exportTo, nowMs });
    queue.event({
      atMs: nowMs,
      kind: "exported",
      text: "The state was exported; the last seven nights are kept in the folder exports",
    });
  }
}
