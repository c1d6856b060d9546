import { KEEP_ALERTS_MS } from "../alerts/delivery/historyTrim.js";
import { BUCKET_MS, bucketOf } from "../rollup/row.js";
import { GoneBefore } from "./goneBefore.js";
import { DEV_FEE_HOLDS_MS } from "./state/devFees.js";
import type { StateStore } from "./state/state.js";
import type { TelemetryStore } from "./store.js";

/** How long what is kept. Site rows and hourly rows are kept for ever; 5-minute rows of the air go with those of rigs. */
export interface RetentionLimits {
  rawDays: number;
  rig5mDays: number;
  markDays: number;
  /** What lies on this machine's disk may hold so much; 1 GB = 10^9 bytes. */
  maxDiskGb: number;
}

/** The limits where config says nothing else. Raw outlives a spool (6 days), so that late data finds its neighbours. */
export const DEFAULT_LIMITS: RetentionLimits = { rawDays: 7, rig5mDays: 400, markDays: 30, maxDiskGb: 50 };

/** What one hour's upkeep did. */
export interface Upkeep {
  droppedSamples: number;
  droppedRows: number;
  usedBytes: number;
  /** Sentences about what the disk limit took. */
  events: string[];
  /** The first error of what could not be done; absent when all was. */
  failed?: unknown;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Raw that even a full disk leaves: what rollups and charts of the present stand on. */
const KEEP_RAW_MS = 2 * HOUR_MS;
/** 5-minute rows that even a full disk leaves. */
const KEEP_ROWS_MS = DAY_MS;
/** The disk limit takes so much data time at a time. */
const RAW_STEP_MS = 6 * HOUR_MS;
/** Steps in one hour's upkeep, so that it ends. */
const MAX_STEPS = 64;
/** Boards of an hour are compacted so long after it ended: live samples are in by then. */
const COMPACT_AFTER_MS = 600_000;

/** Keeps the stores within their limits; call {@link step} hourly. Each piece is a transaction of its own, beside commits. */
export class Retention {
  readonly #raw: GoneBefore;
  readonly #rows: GoneBefore;

  constructor(
    private readonly stores: { telemetry: TelemetryStore; state: StateStore },
    private readonly limits: RetentionLimits = DEFAULT_LIMITS,
  ) {
    this.#raw = new GoneBefore(stores.state, "retention.rawFromMs");
    this.#rows = new GoneBefore(stores.state, "retention.fineFromMs");
  }

  /** Reads how far a former run has dropped; call it once before the first step. */
  async load(): Promise<void> {
    await this.#raw.load();
    await this.#rows.load();
  }

  /** Raw samples before this instant are gone; a rollup of theirs must not be recomputed. −Infinity: all are there. */
  get rawFromMs(): number {
    return this.#raw.atMs;
  }

  /** 5-minute rows of rigs before this instant are gone; their hourly rows are there. −Infinity: all are there. */
  get fineFromMs(): number {
    return this.#rows.atMs;
  }

  /**
   * One round of upkeep. What fails holds up nothing else, since on a full disk every piece that goes makes room; the next
   * round does what this one could not. Never rejects: `failed` says why.
   */
  async step(nowMs: number): Promise<Upkeep> {
    const { telemetry, state } = this.stores;
    const done: Upkeep = { droppedSamples: 0, droppedRows: 0, usedBytes: 0, events: [] };
    const pieces: (() => Promise<unknown>)[] = [
      // First, and so close behind the rollups of what came late.
      () => this.#dropRaw(nowMs - Math.max(this.limits.rawDays * DAY_MS, telemetry.keepsMs ?? 0), done),
      () => telemetry.compactBoards(nowMs - COMPACT_AFTER_MS),
      () => this.#dropRollups(nowMs - this.limits.rig5mDays * DAY_MS, done),
      () => state.trimHistory(nowMs - KEEP_ALERTS_MS),
      () => telemetry.dropMarks(nowMs - this.limits.markDays * DAY_MS),
      () => this.#fitDisk(nowMs, done),
      // Once more: there may be room for it only now.
      () => this.#raw.say(),
      () => this.#rows.say(),
    ];
    for (const piece of pieces)
      await piece().catch((error: unknown) => {
        done.failed ??= error;
      });
    return done;
  }

  async #dropRollups(beforeMs: number, done: Upkeep): Promise<void> {
    // Said before it is done: a crash in between must not leave histories empty where hourly rows could answer.
    await this.#say(this.#rows, beforeMs, done);
    done.droppedRows += await this.stores.state.dropRollups(BUCKET_MS, beforeMs);
    await this.stores.state.air.drop(BUCKET_MS, beforeMs);
    // What was measured before still counts for rows that are left.
    await this.stores.state.ledger.devFees.drop(beforeMs - DEV_FEE_HOLDS_MS);
  }

  /** Buckets go whole: of a part of one, rows would be made that lack the rest. */
  async #dropRaw(untilMs: number, done: Upkeep): Promise<void> {
    const beforeMs = bucketOf(untilMs);
    // Said before it is done: a crash in between must not let half a bucket be recomputed.
    await this.#say(this.#raw, beforeMs, done);
    done.droppedSamples += await this.stores.telemetry.dropBefore(beforeMs);
  }

  /** A state store without room for it must not keep what fills the disk. */
  async #say(gone: GoneBefore, beforeMs: number, done: Upkeep): Promise<void> {
    gone.raise(beforeMs);
    await gone.say().catch((error: unknown) => {
      done.failed ??= error;
    });
  }

  /** Bytes on this disk, and whether raw samples are among them. */
  async #used(): Promise<{ bytes: number; raw: boolean }> {
    const raw = await this.stores.telemetry.usedBytes();
    return { bytes: (raw ?? 0) + (await this.stores.state.usedBytes()), raw: raw !== undefined };
  }

  async #fitDisk(nowMs: number, done: Upkeep): Promise<void> {
    const { telemetry, state } = this.stores;
    const maxBytes = this.limits.maxDiskGb * 1e9;
    const used = await this.#used();
    done.usedBytes = used.bytes;
    let rawTo: number | undefined;
    let rowsTo: number | undefined;
    for (let steps = 0; done.usedBytes > maxBytes && steps < MAX_STEPS; steps++) {
      const span = used.raw ? await telemetry.span() : undefined;
      const raw = span && bucketOf(Math.min(span.fromMs + RAW_STEP_MS, nowMs - KEEP_RAW_MS));
      if (span && raw !== undefined && raw > span.fromMs) {
        await this.#dropRaw(raw, done);
        rawTo = raw;
      } else {
        const oldest = await state.oldestRollup(BUCKET_MS);
        const to = oldest === undefined ? undefined : Math.min(oldest + DAY_MS, nowMs - KEEP_ROWS_MS);
        if (oldest === undefined || to === undefined || to <= oldest) break;
        await this.#dropRollups(to, done);
        rowsTo = to;
      }
      done.usedBytes = (await this.#used()).bytes;
    }
    const limit = `the disk limit of ${this.limits.maxDiskGb} GB was reached`;
    if (rawTo !== undefined)
      done.events.push(`${limit}: raw samples before ${new Date(rawTo).toISOString()} were dropped`);
    if (rowsTo !== undefined)
      done.events.push(`${limit}: 5-minute rows before ${new Date(rowsTo).toISOString()} were dropped`);
    if (done.usedBytes > maxBytes)
      done.events.push(`${limit} and nothing more may be dropped: raise maxDiskGb or free the disk`);
  }
}
