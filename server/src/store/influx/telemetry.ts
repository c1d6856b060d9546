import { ServerError } from "../../error.js";
import { MAX_HOLD_MS } from "../../rollup/hold.js";
import { BUCKET_MS } from "../../rollup/row.js";
import { rawSeriesOf } from "../rawSeries.js";
import type { StateStore, TouchedBucket } from "../state/state.js";
import {
  type BoardPoint,
  type Commit,
  type FanPoint,
  HELD_QUANTITIES,
  type PartsRange,
  type RawRow,
  type RawSeriesQuery,
  type RawSeriesStep,
  type StoredSample,
  type StreamMark,
  type TelemetryStore,
} from "../store.js";
import type { InfluxSeries } from "./client.js";
import type { Influx } from "./influx.js";
import { addLines, lineCount } from "./lines.js";
import type { Lines } from "./lineText.js";
import { readBoards, readFans } from "./partsReader.js";
import { InfluxReader } from "./reader.js";
import { readSamples } from "./wholeSamples.js";
import type { LostLines } from "./writer.js";

/** When a bucket was touched is noted by the minute, rounded up: so a commit rarely has anything to note. */
const TOUCHED_MS = 60_000;
/** Fewer lines are not worth a body of their own. */
const MIN_LINES = 1_000;
/** How much later than its stamp a live sample arrives at most; what arrives later is noted when it does. */
const LATE_MS = 600_000;
/** Raw rows cost an InfluxDB so many times what they cost a file beside the program. */
const SCAN_WEIGHT = 4;
/** Readings of a rig are taken to be so far apart when a question is weighed. */
const TYPICAL_INTERVAL_MS = 5_000;

/** What the store stands on. */
export interface InfluxTelemetryOptions {
  influx: Influx;
  /** Where the marks go, after the InfluxDB has answered; and who knows all rigs. */
  state: Pick<StateStore, "streamMarks" | "putStreamMarks" | "dropStreamMarks" | "bucketsTouched" | "rigs">;
  nowMs: () => number;
  /** Hears of lines that the InfluxDB holds not and will not hold, once their batch is done with. */
  lost: (lines: LostLines) => void;
}

/**
 * Raw samples in an InfluxDB; their marks in the state file, moved once it has answered. A commit that fails may have stored a
 * part of its samples, which the next try writes over. The InfluxDB itself ends what is old, and nothing is compacted there.
 */
export class InfluxTelemetryStore implements TelemetryStore {
  readonly kind = "influxdb";
  readonly #reader: InfluxReader;
  readonly #database: string;
  #problem: string | undefined;
  #closed = false;

  /** Needs no InfluxDB that is there. */
  constructor(private readonly options: InfluxTelemetryOptions) {
    const { influx, nowMs } = options;
    const { raw } = influx.databases;
    this.#database = raw.name;
    this.#reader = new InfluxReader({ influx, database: raw.name, keepMs: () => raw.keepMs, nowMs });
  }

  get title(): string {
    const { instance, url } = this.options.influx;
    return `InfluxDB${instance ? ` ${instance.version}` : ""} at ${url}`;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get keepsMs(): number {
    return this.options.influx.keepsKnown
      ? this.options.influx.databases.raw.keepMs
      : Number.POSITIVE_INFINITY;
  }

  async probe(): Promise<void> {
    await this.#seen(() => this.options.influx.ping());
  }

  async append({ samples, marks }: Commit): Promise<void> {
    this.#refuseIfClosed();
    const { influx, state } = this.options;
    const lost = samples.length
      ? await this.#seen(() => influx.writeParts(this.#database, partsOf(samples, influx)))
      : [];
    await state.putStreamMarks(marks, touchedBy(samples));
    for (const lines of lost) this.options.lost(lines);
  }

  /** Makes the lines, and no more: whether the InfluxDB takes each shows when they are written, and the others go on. */
  async trial(samples: readonly StoredSample[]): Promise<void> {
    this.#refuseIfClosed();
    for (const stored of samples) addLines(stored, []);
  }

  marks(): Promise<StreamMark[]> {
    return this.options.state.streamMarks();
  }

  dropMarks(beforeMs: number): Promise<void> {
    return this.options.state.dropStreamMarks(beforeMs);
  }

  async latest(): Promise<StoredSample[]> {
    const known = (await this.options.state.rigs()).map(({ rig }) => rig);
    return this.#seen(() => this.#reader.latest(known));
  }

  async answered({
    rigs,
    fromMs,
  }: {
    rigs: readonly number[];
    fromMs: number;
  }): Promise<Map<number, number>> {
    if (!rigs.length) return new Map();
    return this.#seen(() => this.#reader.answered(rigs, { fromMs, toMs: Number.POSITIVE_INFINITY }));
  }

  async samples(range: { fromMs: number; toMs: number }): Promise<StoredSample[]> {
    const ask = (statement: string) => this.options.influx.queryParts(this.#database, statement);
    return this.#seen(() => readSamples(ask, this.#reader, range));
  }

  async raw(range: { fromMs: number; toMs: number; rigs?: readonly number[] }): Promise<RawRow[]> {
    return this.#seen(() => this.#reader.rows(range));
  }

  async rawSeries(query: RawSeriesQuery): Promise<RawSeriesStep[]> {
    const { rigs, fromMs, toMs, algo, quantities = HELD_QUANTITIES } = query;
    const fields = ["status", "intervalMs", ...(algo === undefined ? [] : ["algo"]), ...quantities];
    const rows = await this.#seen(() =>
      this.#reader.rows({ rigs, fromMs: fromMs - MAX_HOLD_MS, toMs }, fields),
    );
    return rawSeriesOf(rows, query);
  }

  async count(range: { fromMs: number; toMs: number }): Promise<number> {
    return this.#seen(() => this.#reader.count(range));
  }

  /** By the rigs asked for, for others cost nothing; estimated, for to count costs as much as to read. */
  async scanned({
    fromMs,
    toMs,
    rigs,
  }: {
    fromMs: number;
    toMs: number;
    rigs: readonly number[];
  }): Promise<number> {
    const held = this.#reader.held({ fromMs, toMs });
    return (Math.max(0, held.toMs - held.fromMs) / TYPICAL_INTERVAL_MS) * rigs.length * SCAN_WEIGHT;
  }

  /**
   * By what was noted with the marks; and, as a state file may come from a backup and know nothing of what arrived since, every
   * step that holds a reading stamped after `receivedMs`.
   */
  async bucketsSince(receivedMs: number, stepMs: number): Promise<number[]> {
    const noted = await this.options.state.bucketsTouched(receivedMs);
    const stamped = await this.#seen(() =>
      this.#reader.steps({ fromMs: receivedMs - LATE_MS, toMs: Number.POSITIVE_INFINITY }, stepMs),
    );
    const starts = new Set(stamped);
    for (const startMs of noted)
      for (let at = Math.floor(startMs / stepMs) * stepMs; at < startMs + BUCKET_MS; at += stepMs)
        starts.add(at);
    return [...starts].sort((a, b) => a - b);
  }

  async boards(range: PartsRange): Promise<BoardPoint[]> {
    return this.#seen(() => readBoards((statement) => this.#ask(statement), this.#reader, range));
  }

  async fans(range: PartsRange): Promise<FanPoint[]> {
    return this.#seen(() => readFans((statement) => this.#ask(statement), this.#reader, range));
  }

  async span(): Promise<{ fromMs: number; toMs: number } | undefined> {
    return this.#seen(() => this.#reader.span());
  }

  /** Nothing to do: rewriting rows is not possible on every InfluxDB, and all go with their database's retention. */
  async compactBoards(): Promise<void> {}

  /** Drops nothing: the database's retention does. */
  async dropBefore(): Promise<number> {
    return 0;
  }

  /** Unknown: the InfluxDB keeps them. */
  async bytes(): Promise<undefined> {
    return undefined;
  }

  /** Unknown: the InfluxDB keeps them. */
  async usedBytes(): Promise<undefined> {
    return undefined;
  }

  cut(): void {
    this.options.influx.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.options.influx.close();
  }

  #ask(statement: string): Promise<InfluxSeries[]> {
    return this.options.influx.query(this.#database, statement);
  }

  #refuseIfClosed(): void {
    if (this.#closed)
      throw new ServerError("storeClosed", `the connection to ${this.options.influx.url} is closed`);
  }

  /** Remembers whether the InfluxDB works, by everything that is done with it. */
  async #seen<T>(work: () => Promise<T>): Promise<T> {
    try {
      // How far back there is something to read is known only then.
      await this.options.influx.ready();
      const result = await work();
      this.#problem = undefined;
      return result;
    } catch (error) {
      if (error instanceof ServerError && error.retryable) this.#problem = error.message;
      throw error;
    }
  }
}

/** The samples as bodies of lines, made when it is their turn: as many as may be under way, where there are enough lines. */
function partsOf(samples: readonly StoredSample[], { limits }: Influx): Lines[] {
  const total = samples.reduce((sum, stored) => sum + lineCount(stored), 0);
  const most = Math.min(limits.batchLines, Math.max(MIN_LINES, Math.ceil(total / limits.maxInFlight)));
  const parts: Lines[] = [];
  for (let first = 0; first < samples.length; ) {
    let [end, lines] = [first, 0];
    for (; end < samples.length && (end === first || lines + lineCount(samples[end]!) <= most); end++)
      lines += lineCount(samples[end]!);
    const part = samples.slice(first, end);
    parts.push((into) => {
      for (const stored of part) addLines(stored, into);
    });
    first = end;
  }
  return parts;
}

function touchedBy(samples: readonly StoredSample[]): TouchedBucket[] {
  const touched = new Map<number, number>();
  for (const { receivedMs, sample } of samples) {
    const startMs = Math.floor(sample.atMs / BUCKET_MS) * BUCKET_MS;
    const atMs = Math.ceil(receivedMs / TOUCHED_MS) * TOUCHED_MS;
    if ((touched.get(startMs) ?? Number.NEGATIVE_INFINITY) < atMs) touched.set(startMs, atMs);
  }
  return Array.from(touched, ([startMs, receivedMs]) => ({ startMs, receivedMs }));
}
