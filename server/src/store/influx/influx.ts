import type { Clock } from "@hashwatt/protocol/time";
import type { InfluxConfig } from "../../config/influx.js";
import { InfluxClient, type InfluxInstance, type InfluxParams, type InfluxSeries } from "./client.js";
import { failure } from "./failure.js";
import type { Lines } from "./lineText.js";
import { provision } from "./provision.js";
import { databasesOf, type InfluxDatabases, type WantedDatabase } from "./wanted.js";
import { InfluxWriter, type LostLines } from "./writer.js";

/** What an {@link Influx} stands on. */
export interface InfluxOptions {
  config: InfluxConfig;
  clock: Pick<Clock, "after">;
  /** Retention of the databases that it makes, and the least of those that are there. */
  keep: { rawDays: number; rollupDays: number };
  /** Needs the raw samples alone; absent = the rollups' databases too. */
  rawOnly?: boolean;
  /** Hears, once each, of what is not as the config has it and works all the same. */
  note?: (text: string) => void;
}

/**
 * One InfluxDB with the databases of ours: what telemetry, mirrored rollups and copies are written to and read from. It may be
 * away at any time. The first use finds out what it is and makes its databases ready; until that has worked, every use tries
 * anew. Errors as those of {@link InfluxClient}.
 */
export class Influx {
  /** As they are; until the InfluxDB has answered, as the config has them. */
  readonly databases: InfluxDatabases;
  readonly #wanted: readonly WantedDatabase[];
  /** Databases that were found missing and not yet asked for by {@link takeAbsent}. */
  readonly #absent = new Set<string>();
  readonly #client: InfluxClient;
  readonly #writer: InfluxWriter;
  readonly #noted = new Set<string>();
  #keepsKnown = false;
  #ready: Promise<InfluxInstance> | undefined;

  /** Connects to nothing yet. Throws ServerError `config` when a file that the config names cannot be read. */
  constructor(private readonly options: InfluxOptions) {
    this.databases = databasesOf(options.config.database, options.keep);
    const { raw, fiveMinutes, hours } = databasesOf(options.config.database, options.keep);
    this.#wanted = options.rawOnly ? [raw] : [raw, fiveMinutes, hours];
    this.#client = new InfluxClient(options.config, options.clock);
    this.#writer = new InfluxWriter(this.#client, (database) => this.#renew(database));
  }

  /** Where it is, as messages name it. */
  get url(): string {
    return this.#client.url;
  }

  /** What it is; undefined before it has answered. */
  get instance(): InfluxInstance | undefined {
    return this.#client.instance;
  }

  /** Whether {@link databases} says how long the InfluxDB keeps them, as far as it tells. */
  get keepsKnown(): boolean {
    return this.#keepsKnown;
  }

  /** How much of it is used at once. */
  get limits(): { batchLines: number; maxInFlight: number } {
    return this.options.config;
  }

  /** Resolves once it has answered and its databases are there. */
  ready(): Promise<InfluxInstance> {
    this.#ready ??= this.#prepare().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  /** Whether a database was found missing since this was last asked: what had been written there before is gone. */
  takeAbsent(database: string): boolean {
    return this.#absent.delete(database);
  }

  /**
   * Writes lines of line protocol, with times in ms, of any number. Resolves with the lines that it will never hold, when it
   * holds all others; rejects when it is at fault, and then the same lines may be written again.
   */
  async write(database: string, lines: readonly string[]): Promise<LostLines[]> {
    await this.ready();
    return this.#writer.write(database, lines);
  }

  /** As {@link write}, of lines that are made when it is their turn to go. */
  async writeParts(database: string, parts: readonly Lines[]): Promise<LostLines[]> {
    await this.ready();
    return this.#writer.writeParts(database, parts);
  }

  /** Resolves when it answers and its databases are there. */
  async ping(): Promise<void> {
    await this.ready();
    await this.#client.ping();
  }

  /** Resolves when a database may be written to; sends nothing to store. */
  async mayWrite(database: string): Promise<void> {
    await this.ready();
    const { status, body } = await this.#client.send(database, "");
    if ([401, 403, 404].includes(status))
      throw failure({ url: this.url, what: "write", database }, status, body, true);
  }

  /** The series that one InfluxQL statement answers, in no order, with times in ms. `params` fill its `$names`. */
  async query(database: string, statement: string, params?: InfluxParams): Promise<InfluxSeries[]> {
    await this.ready();
    return this.#client.query(database, statement, params);
  }

  /** As {@link query}, as it arrives: a long series in several parts. */
  async *queryParts(
    database: string,
    statement: string,
    params?: InfluxParams,
  ): AsyncGenerator<InfluxSeries> {
    await this.ready();
    yield* this.#client.queryParts(database, statement, params);
  }

  /** Ends what is under way, and the connections. */
  close(): void {
    this.#client.close();
  }

  #renew(database: string): Promise<void> {
    this.#absent.add(database);
    this.#ready = undefined;
    return this.ready().then(() => undefined);
  }

  async #prepare(): Promise<InfluxInstance> {
    const instance = await this.#client.connect();
    const { notes, keepMs } = await provision(this.#client, this.#wanted, (name) => this.#absent.add(name));
    for (const database of Object.values(this.databases))
      database.keepMs = keepMs.get(database.name) ?? database.keepMs;
    this.#keepsKnown = true;
    for (const text of notes) {
      if (this.#noted.has(text)) continue;
      this.#noted.add(text);
      this.options.note?.(text);
    }
    return instance;
  }
}
