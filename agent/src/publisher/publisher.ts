import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Evidence, RigStatus, Sample } from "@hashwatt/protocol/sample";
import type { Clock, Timer } from "@hashwatt/protocol/time";
import { type Ack, ackSchema, agentTopic } from "@hashwatt/protocol/topics";
import type { Logger } from "pino";
import type { SpoolRecord } from "../spool/record.js";
import { Spool, type SpoolLimits } from "../spool/spool.js";
import { BatchMaker } from "./batchMaker.js";
import { type Broker, BrokerLink } from "./brokerLink.js";
import { encodeBody } from "./envelope.js";
import { EvidenceBook } from "./evidenceBook.js";
import { Lanes } from "./lanes.js";
import { ServerTime } from "./serverTime.js";
import { agentStatus, type SpoolStatus } from "./status.js";
import { Streams, type StreamsEvent } from "./streams.js";

/** What a publisher needs to be told. `password` is plain: the config layer has unwrapped it. */
export interface PublisherConfig {
  site: string;
  agent: string;
  broker: Broker;
  /** Folder of this agent; the spool is a folder in it. */
  dataDir: string;
  /** Longest time that a sample waits for others; 0 sends each at once while the window has room. */
  batchMs: number;
  batchSamples: number;
  gzip: boolean;
  spool: SpoolLimits;
}

export interface PublisherOptions {
  config: PublisherConfig;
  clock: Clock;
  log: Logger;
  version: string;
  /** Rigs by status, for the status message. */
  rigCounts(): Partial<Record<RigStatus, number>>;
  signal: AbortSignal;
}

/** Figures of a publisher since its start. */
export interface PublisherStats {
  connected: boolean;
  /** Whether the server has been silent so long that only probes go out. */
  outage: boolean;
  samples: number;
  batches: number;
  /** Batches handed to the broker, repeats included, and their bytes. */
  published: number;
  publishedBytes: number;
  acks: number;
  spool: SpoolStatus;
  clockOffsetMs: number | undefined;
}

/** Takes samples and sees to it that the server gets each of them once, whatever fails in between. */
export interface Publisher {
  /**
   * Takes one sample. `evidence` is what is known of its rig; pass the same object for as long as nothing changed. The sample is
   * encoded before this returns and may be changed afterwards. Never throws and never waits.
   */
  push(sample: Sample, evidence?: Evidence): void;
  stats(): PublisherStats;
  /** Spools what is in hand, says goodbye and lets go of everything; safe to call twice. */
  close(): Promise<void>;
}

const STATUS_EVERY_MS = 10_000;
const STATUS_CHANGE_MS = 1_000;
const TICK_MS = 250;
/** A longer batch than asked for, where the window has no room: nobody waits for it. */
const CROWDED_BATCH_MS = 100;
/** A jump of the wall clock against the monotonic one beyond this is a step and no drift. */
const STEP_MS = 1_000;
const GOODBYE_MS = 1_000;
/** Live batches in flight where they are made faster than ten a second: an ack takes as long as a group commit. */
const FAST_LIVE_WINDOW = 128;

/**
 * Starts publishing: opens the spool, begins to connect, and returns without waiting for the broker.
 * Throws AgentError: `locked` when another agent uses the data folder, `io` when the folder cannot be used.
 */
export async function startPublisher(options: PublisherOptions): Promise<Publisher> {
  const { config, clock, log, signal } = options;
  let publisher: SpoolingPublisher | undefined;
  const spool = await Spool.open({
    ...config.spool,
    folder: join(config.dataDir, "spool"),
    clock,
    log: log.child({ part: "spool" }),
    onDropped: (stream, first) => publisher?.dropped(stream, first),
  });
  publisher = new SpoolingPublisher(options, spool);
  const started = publisher;
  if (signal.aborted) await started.close();
  else signal.addEventListener("abort", () => void started.close(), { once: true });
  return started;
}

class SpoolingPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #spool: Spool;
  readonly #streams: Streams;
  readonly #lanes: Lanes;
  readonly #link: BrokerLink;
  readonly #time = new ServerTime();
  readonly #evidence = new EvidenceBook();
  readonly #batch = new BatchMaker();
  readonly #boot = randomId();
  readonly #startedMs: number;
  readonly #statusTopic: string;
  readonly #timers: Timer[];
  #stream = "";
  #seq = 0;
  #cutTimer: Timer | undefined;
  #skewMs: number;
  #status = { key: "", atMs: Number.NEGATIVE_INFINITY };
  #samples = 0;
  #batches = 0;
  #acks = 0;
  #closing: Promise<void> | undefined;

  constructor(options: PublisherOptions, spool: Spool) {
    this.#options = options;
    this.#spool = spool;
    const { config, clock, log } = options;
    const { site, agent, batchMs } = config;
    this.#startedMs = clock.nowMs();
    this.#skewMs = clock.nowMs() - clock.monoMs();
    this.#statusTopic = agentTopic(site, agent, "status");
    this.#streams = new Streams(batchMs < CROWDED_BATCH_MS ? { liveWindow: FAST_LIVE_WINDOW } : {});
    for (const stream of spool.backlog()) this.#streams.step({ type: "backlog", ...stream }, clock.monoMs());
    this.#link = new BrokerLink({
      broker: config.broker,
      clientId: `hashwatt-${site}-${agent}`,
      will: { topic: this.#statusTopic, payload: this.#encodeStatus("offline") },
      listen: agentTopic(site, agent, "ack"),
      clock,
      log: log.child({ part: "broker" }),
      onUp: () => this.#up(),
      onDown: () => this.#step({ type: "disconnected" }),
      onMessage: (payload) => this.#heard(payload),
    });
    this.#lanes = new Lanes({
      spool,
      streams: this.#streams,
      clock,
      log,
      stamping: { boot: this.#boot, time: this.#time, aheadOfMs: (boot) => spool.bootAheadMs(boot) },
      publish: (payload) => this.#link.publish(agentTopic(site, agent, "batch"), payload),
      ready: () => this.#link.ready,
      onGap: (stream, to) => {
        spool.ack(stream, to);
        this.dropped(stream, to + 1);
      },
    });
    this.#openStream();
    // The first batch of a boot is empty: its ack tells the clock offset before a stamp is believed.
    this.#cut(true);
    this.#timers = [clock.every(TICK_MS, () => this.#tick())];
  }

  push(sample: Sample, evidence?: Evidence): void {
    if (this.#closing) return;
    const { config, clock } = this.#options;
    this.#samples++;
    this.#watchClock();
    const batch = this.#batch;
    const correctionMs = this.#time.correctionMs(this.#skewMs);
    if (batch.samples && Math.abs(correctionMs - batch.correctionMs) > STEP_MS) this.#cut();
    if (!batch.samples) batch.begin(this.#skewMs, correctionMs);
    const json = batch.encode(sample);
    if (batch.samples && !batch.fits(json.length)) {
      this.#cut();
      batch.begin(this.#skewMs, correctionMs);
    }
    batch.add(sample, json, this.#evidence.due(sample.rig, evidence, this.#stream));
    if (batch.samples >= config.batchSamples || (config.batchMs === 0 && this.#streams.room)) this.#cut();
    else
      this.#cutTimer ??= clock.after(config.batchMs === 0 ? CROWDED_BATCH_MS : config.batchMs, () =>
        this.#cut(),
      );
  }

  stats(): PublisherStats {
    const { clock } = this.#options;
    return {
      connected: this.#link.up,
      outage: this.#streams.outage(clock.monoMs()),
      samples: this.#samples,
      batches: this.#batches,
      published: this.#lanes.published,
      publishedBytes: this.#lanes.publishedBytes,
      acks: this.#acks,
      spool: this.#depth(),
      clockOffsetMs: this.#offsetMs(),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The spool gave up what `stream` held before `first`. */
  dropped(stream: string, first: number): void {
    this.#lanes.release(stream, first);
    this.#step({ type: "dropped", stream, first });
  }

  async #close(): Promise<void> {
    this.#cut();
    for (const timer of this.#timers) timer[Symbol.dispose]();
    using deadline = this.#options.clock.deadline(GOODBYE_MS, new AbortController().signal);
    await this.#link.close(this.#statusTopic, this.#encodeStatus("offline"), deadline.signal);
    this.#spool.close();
  }

  /** Makes a batch of what is in hand, keeps it, and sends it if it may go. */
  #cut(evenEmpty = false): void {
    this.#cutTimer?.[Symbol.dispose]();
    this.#cutTimer = undefined;
    const batch = this.#batch;
    if (!batch.samples && !evenEmpty) return;
    const { clock, config } = this.#options;
    const monoMs = clock.monoMs();
    if (!batch.samples) batch.begin(this.#skewMs, 0);
    const { samples, rigs, oldestMs, newestMs } = batch.take();
    const record: SpoolRecord = {
      stream: this.#stream,
      seq: ++this.#seq,
      boot: this.#boot,
      monoMs,
      wallMs: monoMs + batch.skewMs + batch.correctionMs,
      offsetKnown: this.#time.sure,
      samples: samples.length,
      oldestMs,
      newestMs,
      gzip: config.gzip,
      body: encodeBody(this.#boot, monoMs, rigs, samples, config.gzip),
    };
    batch.begin(this.#skewMs, 0);
    this.#batches++;
    this.#spool.append(record);
    this.#lanes.offer(record);
    this.#step({ type: "appended", seq: record.seq });
  }

  #openStream(): void {
    this.#stream = randomId();
    this.#seq = 0;
    this.#lanes.open(this.#stream);
    this.#step({ type: "open", stream: this.#stream });
  }

  #step(event: StreamsEvent): void {
    for (const effect of this.#streams.step(event, this.#options.clock.monoMs()))
      switch (effect.type) {
        case "free":
          this.#spool.ack(effect.stream, effect.seq);
          this.#lanes.release(effect.stream, effect.seq + 1);
          break;
        case "drained":
          this.#lanes.forget(effect.stream);
          this.#options.log.info({ stream: effect.stream }, "stream drained");
          break;
        case "roll":
          this.#cut();
          this.#openStream();
          this.#options.log.info({ stream: this.#stream }, "live stream opened anew");
          break;
      }
    this.#lanes.pump();
  }

  #up(): void {
    this.#status.atMs = Number.NEGATIVE_INFINITY;
    this.#publishStatus();
    this.#step({ type: "connected" });
  }

  #heard(payload: Buffer): void {
    let ack: Ack;
    try {
      ack = ackSchema.parse(JSON.parse(payload.toString()));
    } catch (error) {
      this.#options.log.warn({ err: error }, "ack not understood");
      return;
    }
    this.#acks++;
    const { clock } = this.#options;
    const gotMs = clock.monoMs();
    this.#watchClock();
    this.#time.learn(ack.serverMs, this.#lanes.sentMs(ack), gotMs);
    const aheadMs = this.#time.measuredAheadMs;
    if (aheadMs !== undefined) this.#spool.rememberBoot(this.#boot, aheadMs);
    this.#step({ type: "ack", ...ack });
  }

  #tick(): void {
    this.#watchClock();
    this.#step({ type: "tick" });
    this.#publishStatus();
  }

  /** Notices a step of the wall clock; what was stamped before it must not share a batch with what comes after. */
  #watchClock(): void {
    const { clock, log } = this.#options;
    const skewMs = clock.nowMs() - clock.monoMs();
    const stepMs = skewMs - this.#skewMs;
    this.#skewMs = skewMs;
    if (Math.abs(stepMs) <= STEP_MS) return;
    log.warn({ stepMs: Math.round(stepMs) }, "clock stepped");
    this.#cut();
    this.#time.doubt();
  }

  /** Says how the agent does: at the connection, every 10 s, and within a second of a change that matters. */
  #publishStatus(): void {
    const { clock, rigCounts } = this.#options;
    const sinceMs = clock.monoMs() - this.#status.atMs;
    if (sinceMs < STATUS_CHANGE_MS || !this.#link.ready) return;
    const { error, droppedBatches, damagedRecords } = this.#spool.depth();
    const key = JSON.stringify([rigCounts(), error, droppedBatches, damagedRecords]);
    if (key === this.#status.key && sinceMs < STATUS_EVERY_MS) return;
    if (this.#link.publish(this.#statusTopic, this.#encodeStatus("online"), true))
      this.#status = { key, atMs: clock.monoMs() };
  }

  #encodeStatus(state: "online" | "offline"): string {
    const { clock, version, rigCounts } = this.#options;
    const known = { version, boot: this.#boot, startedMs: this.#startedMs, sentMs: clock.nowMs() };
    if (state === "offline") return JSON.stringify(agentStatus(state, known));
    return JSON.stringify(
      agentStatus(state, {
        ...known,
        rigs: rigCounts(),
        spool: this.#depth(),
        clockOffsetMs: this.#offsetMs(),
      }),
    );
  }

  #depth(): SpoolStatus {
    const depth = this.#spool.depth();
    const oldest = this.#spool.backlog()[0];
    const oldestMs = (oldest && this.#lanes.oldestMs(oldest.stream)) ?? depth.oldestMs;
    return { ...depth, ...(oldestMs !== undefined && { oldestMs }) };
  }

  /** Server clock minus agent clock, ms. */
  #offsetMs(): number | undefined {
    const { aheadMs } = this.#time;
    return aheadMs === undefined ? undefined : Math.round(aheadMs - this.#skewMs);
  }
}

/** 48 random bits: enough for the few streams that an agent opens in a month, and short on the wire. */
const randomId = (): string => randomBytes(6).toString("base64url");
