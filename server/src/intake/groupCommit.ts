import type { Clock, Timer } from "@hashwatt/protocol/time";
import { ServerError } from "../error.js";
import type { StoredSample, StreamMark, TelemetryStore } from "../store/store.js";

/** Rows that end a group before its time. */
export const COMMIT_ROWS = 5_000;
/** Rows that wait at most; what arrives beyond is dropped without an ack, and its agent sends it again. */
export const MAX_PENDING_ROWS = 24_000;
const MAX_REST_MS = 100;
const RETRY_MS = { first: 250, most: 5_000 };
/** After so many failures of one commit its rows are tried one by one: a single bad row must not hold up all others for ever. */
const ISOLATE_AFTER = 3;
/** So many single rows refused and none taken: the store is at fault. */
const HOPELESS = 4;

interface Commit {
  samples: StoredSample[];
  marks: StreamMark[];
}

const markKey = ({ site, agent, stream }: StreamMark): string => `${site}/${agent}/${stream}`;

/** What a group commit needs of its surroundings. */
export interface CommitSteps {
  /** Commits what the samples rest on (rig keys, sites). Runs before each try. */
  before(): Promise<void>;
  /** The samples and marks are stored. */
  after(samples: readonly StoredSample[], marks: readonly StreamMark[]): Promise<void>;
  /** The marks of everything accepted since they were last taken. */
  takeMarks(): StreamMark[];
  /** A row that the store refuses by itself, and why: it is given up. */
  refused(sample: StoredSample, why: string): void;
  /** The store began to fail, or works again (`why` undefined). */
  state(why: string | undefined): void;
}

/**
 * Collects rows and stores them in groups with the marks of their streams. A failed commit is tried again with the same
 * rows until it works, so a store that was away heals by itself and nothing is stored twice.
 */
export class GroupCommit {
  readonly #store: TelemetryStore;
  readonly #steps: CommitSteps;
  readonly #clock: Clock;
  readonly #flushMs: number;
  #rows: StoredSample[] = [];
  #inFlight = 0;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #wanted = false;
  #restUntilMs = 0;
  #closing = false;
  #cutWait: (() => void) | undefined;
  /** Why the store fails; undefined while it works. */
  failing: string | undefined;
  commits = 0;

  constructor(store: TelemetryStore, steps: CommitSteps, clock: Clock, flushMs: number) {
    this.#store = store;
    this.#steps = steps;
    this.#clock = clock;
    this.#flushMs = flushMs;
  }

  /** Rows not stored yet. */
  get pending(): number {
    return this.#rows.length + this.#inFlight;
  }

  /** Whether no more rows are taken. */
  get isFull(): boolean {
    return this.pending >= MAX_PENDING_ROWS;
  }

  add(sample: StoredSample): void {
    this.#rows.push(sample);
  }

  /** Something is to be committed: soon, or at once when the group is large. */
  request(): void {
    this.#wanted = true;
    if (this.#running) return;
    // A commit keeps the loop busy for a part of its time; what arrives must be shown meanwhile, so each is followed by a
    // pause of its own length.
    const waitMs = Math.max(this.#flushMs, this.#restUntilMs - this.#clock.monoMs());
    if (waitMs <= 0 || this.#rows.length >= COMMIT_ROWS) this.#begin();
    else this.#timer ??= this.#clock.after(waitMs, () => this.#begin());
  }

  /** Resolves when the rows that wait now are stored, or at once while the store fails. */
  async settled(): Promise<void> {
    if (this.failing === undefined) await this.#running;
  }

  /** Commits what is left, with one last try if the store fails, and stops. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#cutWait?.();
    await this.#running;
    if (this.#wanted) {
      this.#begin();
      await this.#running;
    }
    this.#timer?.[Symbol.dispose]();
  }

  #begin(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#wanted && !this.#closing) this.request();
    });
  }

  async #run(): Promise<void> {
    this.#wanted = false;
    const beganMs = this.#clock.monoMs();
    const group: Commit = { samples: [], marks: [] };
    if (!(await this.#untilStored(group))) return;
    this.#inFlight = 0;
    this.commits++;
    await this.#steps.after(group.samples, group.marks);
    const endedMs = this.#clock.monoMs();
    this.#restUntilMs = endedMs + Math.min(MAX_REST_MS, endedMs - beganMs);
  }

  /** Moves what has arrived since into the group. */
  #absorb(group: Commit): void {
    group.samples = group.samples.length ? [...group.samples, ...this.#rows] : this.#rows;
    this.#rows = [];
    this.#inFlight = group.samples.length;
    const taken = this.#steps.takeMarks();
    const moved = new Set(taken.map(markKey));
    group.marks = [...group.marks.filter((mark) => !moved.has(markKey(mark))), ...taken];
  }

  /** Stores the group, trying for as long as it takes; false when the server stops before it worked. */
  async #untilStored(group: Commit): Promise<boolean> {
    let isolated = false;
    for (let failures = 0; ; ) {
      try {
        if (!isolated) this.#absorb(group);
        await this.#steps.before();
        if (failures >= ISOLATE_AFTER && !isolated && group.samples.length > 1) {
          group.samples = await this.#isolate(group.samples);
          isolated = true;
        }
        // Rows that passed part by part are in the store already; only the marks are left to write.
        const samples = isolated ? [] : group.samples;
        if (samples.length || group.marks.length) await this.#store.append({ samples, marks: group.marks });
        if (this.failing !== undefined) this.#fails(undefined);
        return true;
      } catch (error) {
        failures++;
        this.#fails(error instanceof Error ? error.message : String(error));
        // No room on disk is no fault of a row.
        if (error instanceof ServerError && error.code === "storeFull")
          failures = Math.min(failures, ISOLATE_AFTER - 1);
        if (this.#closing) return false;
        await this.#wait(Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** (failures - 1)));
      }
    }
  }

  /**
   * Stores rows in ever smaller parts to find those that the store refuses; returns the stored ones. Throws when the first
   * parts all fail, down to single rows: then it is the store, not a row.
   */
  async #isolate(samples: StoredSample[]): Promise<StoredSample[]> {
    const good: StoredSample[] = [];
    const bad: { sample: StoredSample; why: string }[] = [];
    const store = async (part: StoredSample[]): Promise<void> => {
      try {
        await this.#store.append({ samples: part, marks: [] });
        good.push(...part);
      } catch (error) {
        if (part.length === 1) bad.push({ sample: part[0]!, why: (error as Error).message });
        if (!good.length && bad.length >= HOPELESS) throw error;
        if (part.length === 1) return;
        const middle = part.length >> 1;
        await store(part.slice(0, middle));
        await store(part.slice(middle));
      }
    };
    await store(samples);
    if (!good.length) throw new Error(bad[0]!.why);
    for (const { sample, why } of bad) this.#steps.refused(sample, why);
    return good;
  }

  #fails(why: string | undefined): void {
    const before = this.failing;
    this.failing = why;
    if (before !== why) this.#steps.state(why);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, resolve);
      this.#cutWait = () => {
        timer[Symbol.dispose]();
        resolve();
      };
    });
  }
}
