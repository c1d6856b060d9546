import type { Clock, Timer } from "@hashwatt/protocol/time";
import type { StoredSample, StreamMark, TelemetryStore } from "../store/store.js";
import { mayBeRow, RowTrial } from "./rowTrial.js";

/** Rows that end a group before its time. */
export const COMMIT_ROWS = 5_000;
/** Rows that wait at most; what arrives beyond is dropped without an ack, and its agent sends it again. */
export const MAX_PENDING_ROWS = 24_000;
const MAX_REST_MS = 100;
const RETRY_MS = { first: 250, most: 5_000 };
/** After so many refusals of a group its batches are stored one by one: a single bad row must not hold up all others for ever. */
const ISOLATE_AFTER = 3;

/** Rows that arrived together, and the marks that say so. */
interface Batch {
  samples: StoredSample[];
  marks: StreamMark[];
}

const markKey = ({ site, agent, stream }: StreamMark): string => `${site}/${agent}/${stream}`;

/** The last mark of each stream. */
function lastMarks(batches: readonly Batch[]): StreamMark[] {
  const last = new Map<string, StreamMark>();
  for (const { marks } of batches) for (const mark of marks) last.set(markKey(mark), mark);
  return [...last.values()];
}

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
 * Collects batches and stores them in groups with the marks of their streams. A mark is in the store exactly when the rows
 * of its batch and of all batches before it are, but for rows that the store refuses by themselves: a batch and its mark go
 * in one transaction, never behind an older one of the same stream that is not stored. A failed commit is tried again until
 * it works, and before each new try the marks in the store tell whether it has worked after all, so that nothing is stored
 * twice.
 */
export class GroupCommit {
  readonly #store: TelemetryStore;
  readonly #steps: CommitSteps;
  readonly #clock: Clock;
  readonly #flushMs: number;
  readonly #trial: RowTrial;
  /** Rows of the batch that is arriving. */
  #arriving: StoredSample[] = [];
  /** Whole batches that no commit has taken yet, oldest first. */
  #waiting: Batch[] = [];
  /** Batches that the commit under way has yet to store, oldest first; what failed stays, for the last try. */
  #group: Batch[] = [];
  /** Batches whose transaction failed: they may be stored nevertheless. */
  #unsure: Batch[] = [];
  /** Batches stored by the commit under way. */
  #done: Batch[] = [];
  #pending = 0;
  /** Refusals of rows since a group was last stored. */
  #refusals = 0;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #wanted = false;
  #restUntilMs = 0;
  /** The last group was as large as one gets: what follows is the rest of what has come at once, and no more is waited for. */
  #wasFull = false;
  #closing = false;
  #cutWait: (() => void) | undefined;
  /** Ends when no transaction runs, nor what must run between two. */
  #between: Promise<unknown> = Promise.resolve();
  /** Why the store fails; undefined while it works. */
  failing: string | undefined;
  commits = 0;

  constructor(store: TelemetryStore, steps: CommitSteps, clock: Clock, flushMs: number) {
    this.#store = store;
    this.#steps = steps;
    this.#clock = clock;
    this.#flushMs = flushMs;
    this.#trial = new RowTrial(store);
  }

  /** Rows not stored yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Whether no more rows are taken. */
  get isFull(): boolean {
    return this.#pending >= MAX_PENDING_ROWS;
  }

  /** Takes a row of the batch that is arriving. */
  add(sample: StoredSample): void {
    this.#arriving.push(sample);
    this.#pending++;
  }

  /** The batch whose rows were added is whole and its mark can be taken: it is committed soon, or at once when there is much. */
  request(): void {
    const samples = this.#arriving;
    const marks = this.#steps.takeMarks();
    const last = this.#waiting.at(-1);
    // Without rows it is a mark alone, which may go with the batch before it: empty batches take no room.
    if (last && !samples.length) last.marks = lastMarks([last, { samples, marks }]);
    else if (samples.length || marks.length) this.#waiting.push({ samples, marks });
    this.#arriving = [];
    this.wake();
  }

  /** Something else than a batch waits for a commit. */
  wake(): void {
    this.#wanted = true;
    if (this.#running) return;
    // A commit keeps the loop busy for a part of its time; what arrives must be shown meanwhile, so each is followed by a
    // pause of its own length.
    const restMs = this.#restUntilMs - this.#clock.monoMs();
    const waitMs = this.#wasFull ? restMs : Math.max(this.#flushMs, restMs);
    if (waitMs <= 0 || this.#pending >= COMMIT_ROWS) this.#begin();
    else this.#timer ??= this.#clock.after(waitMs, () => this.#begin());
  }

  /** Resolves when the rows that wait now are stored, or at once while the store fails. */
  async settled(): Promise<void> {
    if (this.failing === undefined) await this.#running;
  }

  /** Runs `work` while no transaction runs; the next one waits for its end. */
  between<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#between.then(work);
    this.#between = turn.catch(() => undefined);
    return turn;
  }

  /** Commits what is left, with one last try of all of it if the store fails, and stops. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#cutWait?.();
    await this.#running;
    if (this.#wanted || this.#group.length) {
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
      if (this.#wanted && !this.#closing) this.wake();
    });
  }

  async #run(): Promise<void> {
    this.#wanted = false;
    const beganMs = this.#clock.monoMs();
    if (!(await this.#untilStored())) return;
    this.commits++;
    await this.#report();
    const endedMs = this.#clock.monoMs();
    this.#restUntilMs = endedMs + Math.min(MAX_REST_MS, endedMs - beganMs);
  }

  /** Stores what waits, trying for as long as it takes; false when the server stops before it worked. */
  async #untilStored(): Promise<boolean> {
    for (let failures = 0; ; ) {
      this.#group.push(...this.#waiting.splice(0));
      try {
        await this.#settleUnsure();
        await this.#steps.before();
        if (this.#refusals < ISOLATE_AFTER) await this.#append(this.#group);
        else await this.#isolate();
        this.#refusals = 0;
        if (this.failing !== undefined) this.#fails(undefined);
        return true;
      } catch (error) {
        failures++;
        this.#fails(error instanceof Error ? error.message : String(error));
        if (this.#done.length) await this.#report();
        if (this.#closing) return false;
        await this.#wait(Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** (failures - 1)));
      }
    }
  }

  /** Stores batches with their marks in one transaction, all of them or none. */
  async #append(batches: readonly Batch[]): Promise<void> {
    if (!batches.length) return;
    try {
      const samples = batches.flatMap((batch) => batch.samples);
      const commit = { samples, marks: lastMarks(batches) };
      await this.between(() => this.#store.append(commit));
    } catch (error) {
      this.#unsure = [...batches];
      if (mayBeRow(error)) this.#refusals++;
      throw error;
    }
    this.#stored(batches);
  }

  #stored(batches: readonly Batch[]): void {
    const gone = new Set(batches);
    this.#group = this.#group.filter((batch) => !gone.has(batch));
    for (const batch of gone) {
      this.#done.push(batch);
      this.#pending -= batch.samples.length;
      this.#trial.taken(batch.samples);
    }
  }

  /** A transaction may fail after it became durable; its marks tell. */
  async #settleUnsure(): Promise<void> {
    if (!this.#unsure.length) return;
    const held = new Map((await this.#store.marks()).map((mark) => [markKey(mark), mark.seq]));
    const marks = lastMarks(this.#unsure);
    const isHeld = (mark: StreamMark): boolean => (held.get(markKey(mark)) ?? -1) >= mark.seq;
    if (marks.length && marks.every(isHeld)) this.#stored(this.#unsure);
    this.#unsure = [];
  }

  /**
   * Stores batch by batch, each with its own mark. One that is refused holds up only its own streams, until all others are
   * stored; then it goes without the rows that the store refuses. Rejects when the store is at fault.
   */
  async #isolate(): Promise<void> {
    this.#trial.begin();
    const held = new Set<string>();
    for (const batch of [...this.#group]) {
      if (!batch.marks.some((mark) => held.has(markKey(mark)))) {
        try {
          await this.#append([batch]);
          continue;
        } catch (error) {
          await this.#trial.refused(error);
          await this.#settleUnsure();
        }
      }
      for (const mark of batch.marks) held.add(markKey(mark));
    }
    for (const batch of [...this.#group]) {
      const { good, bad } = await this.#trial.part(batch.samples);
      batch.samples = good;
      this.#pending -= bad.length;
      for (const { sample, why } of bad) this.#steps.refused(sample, why);
      await this.#append([batch]);
    }
  }

  /** Tells of what is stored. */
  async #report(): Promise<void> {
    const done = this.#done;
    this.#done = [];
    const samples = done.flatMap((batch) => batch.samples);
    this.#wasFull = samples.length >= COMMIT_ROWS;
    await this.#steps.after(samples, lastMarks(done));
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
