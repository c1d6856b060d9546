import { randomBytes } from "node:crypto";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { type Timer, unhurried } from "@hashwatt/protocol/time";
import { type Ack, ackSchema, agentTopic } from "@hashwatt/protocol/topics";
import type { SpoolRecord } from "../spool/record.js";
import type { Spool } from "../spool/spool.js";
import { BatchMaker } from "./batchMaker.js";
import { BrokerLink } from "./brokerLink.js";
import { EvidenceBook } from "./evidenceBook.js";
import { Lanes } from "./lanes.js";
import type { Publisher, PublisherOptions, PublisherStats } from "./publisher.js";
import { ServerTime } from "./serverTime.js";
import { type SpoolStatus, StatusReporter } from "./statusReporter.js";
import { STREAM_RULES, type StreamRules, Streams, type StreamsEvent } from "./streams.js";

const TICK_MS = 250;
/** A longer batch than asked for, where the window has no room: nobody waits for it. */
const CROWDED_BATCH_MS = 100;
/**
 * The same while the server is silent: a tenth of the records, in less than half of the bytes, are what it catches up
 * with afterwards. What a killed agent loses is what it had not kept yet, a second's readings.
 */
const AWAY_BATCH_MS = 1_000;
/** A jump of the wall clock against the monotonic one beyond this is a step and no drift. */
const STEP_MS = 1_000;
const GOODBYE_MS = 1_000;
/** How long an end waits for acks, and how often it looks. */
const SETTLE_MS = 1_500;
const SETTLE_STEP_MS = 25;
/** Live batches in flight where they are made faster than ten a second: an ack takes as long as a group commit. */
const FAST_LIVE_WINDOW = 128;

/** What of the rules is a matter of connections and disks, which take as long as they do where time passes `speed` times as fast. */
function patient(speed: number): Partial<StreamRules> {
  const { outageMs, probeMs, rollMs, rewindMs, liveAgeMs, yieldMs } = STREAM_RULES;
  const longer = { outageMs, probeMs, rollMs, rewindMs, liveAgeMs, yieldMs };
  return Object.fromEntries(Object.entries(longer).map(([rule, ms]) => [rule, ms * Math.max(1, speed)]));
}

/** The publisher: batches what it is given, keeps each batch, and does what the streams ask for. */
export class SpoolingPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #spool: Spool;
  readonly #streams: Streams;
  readonly #lanes: Lanes;
  readonly #link: BrokerLink;
  readonly #time = new ServerTime();
  readonly #evidence = new EvidenceBook();
  readonly #boot = randomId();
  readonly #batch = new BatchMaker(this.#boot);
  readonly #status: StatusReporter;
  readonly #statusTopic: string;
  readonly #timer: Timer;
  #stream = "";
  #seq = 0;
  #cutTimer: Timer | undefined;
  #skewMs: number;
  #samples = 0;
  #batches = 0;
  #acks = 0;
  #closing: Promise<void> | undefined;

  constructor(options: PublisherOptions, spool: Spool) {
    this.#options = options;
    this.#spool = spool;
    const { config, clock, log } = options;
    const { site, agent, batchMs } = config;
    this.#skewMs = clock.nowMs() - clock.monoMs();
    this.#statusTopic = agentTopic(site, agent, "status");
    this.#streams = new Streams({
      ...(batchMs < CROWDED_BATCH_MS && { liveWindow: FAST_LIVE_WINDOW }),
      ...(config.speed !== undefined && patient(config.speed)),
    });
    for (const stream of spool.backlog()) this.#streams.step({ type: "backlog", ...stream }, clock.monoMs());
    this.#status = new StatusReporter({
      clock,
      version: options.version,
      boot: this.#boot,
      rigCounts: () => options.rigCounts(),
      spool: () => this.#depth(),
      clockOffsetMs: () => this.#offsetMs(),
      loopLag: () => options.loopLag?.(),
      publish: (json) => this.#link.ready && this.#link.publish(this.#statusTopic, json, true),
    });
    this.#link = new BrokerLink({
      broker: config.broker,
      clientId: `hashwatt-${site}-${agent}`,
      will: { topic: this.#statusTopic, payload: this.#status.offline },
      listen: agentTopic(site, agent, "ack"),
      clock: unhurried(clock, config.speed),
      log: log.child({ part: "broker" }),
      onUp: () => this.#up(),
      onDown: () => this.#step({ type: "disconnected" }),
      onMessage: (payload) => this.#heard(payload),
      onConfirmed: () => this.#lanes.pump(),
    });
    this.#lanes = new Lanes({
      spool,
      streams: this.#streams,
      clock,
      log,
      stamping: { boot: this.#boot, time: this.#time, aheadOfMs: (boot) => spool.bootAheadMs(boot) },
      publish: (payload) => this.#link.publish(agentTopic(site, agent, "batch"), payload),
      ready: (lane) => (lane === "live" ? this.#link.ready : this.#link.unhurried),
      onGap: (stream, to) => {
        spool.ack(stream, to);
        this.dropped(stream, to + 1);
      },
    });
    this.#openStream();
    this.#timer = clock.every(TICK_MS, () => this.#tick());
  }

  /** Sends the first batch of this boot, which is empty: its ack tells the clock offset before a stamp is believed. */
  greet(): void {
    this.#cut(true);
  }

  push(sample: Sample, evidence?: Evidence): void {
    if (this.#closing) return;
    const { config, clock } = this.#options;
    this.#samples++;
    this.#watchClock();
    const batch = this.#batch;
    const correctionMs = this.#time.correctionMs(this.#skewMs);
    if (batch.samples && Math.abs(correctionMs - batch.correctionMs) > STEP_MS) this.#cut();
    if (!batch.samples) batch.begin(this.#skewMs, correctionMs, this.#time.sure);
    const json = batch.encode(sample);
    if (batch.samples && !batch.fits(json.length)) {
      this.#cut();
      batch.begin(this.#skewMs, correctionMs, this.#time.sure);
    }
    batch.add(sample, json, this.#evidence.due(sample.rig, evidence, this.#stream, clock.monoMs()));
    if (batch.samples >= config.batchSamples || (config.batchMs === 0 && this.#streams.room)) this.#cut();
    else this.#cutTimer ??= clock.after(this.#batchMs(), () => this.#cut());
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
    await this.#settle();
    this.#timer[Symbol.dispose]();
    using deadline = this.#options.clock.deadline(GOODBYE_MS, new AbortController().signal);
    await this.#link.close(this.#statusTopic, this.#status.offline, deadline.signal);
    this.#spool.close();
  }

  /** Waits a moment for the acks of what is in flight, so that an ordinary end leaves nothing to be sent again. */
  async #settle(): Promise<void> {
    const { clock } = this.#options;
    const signal = new AbortController().signal;
    for (let waitedMs = 0; waitedMs < SETTLE_MS; waitedMs += SETTLE_STEP_MS) {
      if (!this.#link.up || this.#streams.outage(clock.monoMs()) || this.#spool.depth().batches === 0) return;
      await clock.sleep(SETTLE_STEP_MS, signal);
    }
  }

  /** How long the batch that begins now waits for more samples. */
  #batchMs(): number {
    const { config, clock } = this.#options;
    if (this.#streams.outage(clock.monoMs())) return Math.max(config.batchMs, AWAY_BATCH_MS);
    return config.batchMs === 0 ? CROWDED_BATCH_MS : config.batchMs;
  }

  /** Makes a batch of what is in hand, keeps it, and sends it if it may go. */
  #cut(evenEmpty = false): void {
    this.#cutTimer?.[Symbol.dispose]();
    this.#cutTimer = undefined;
    const batch = this.#batch;
    if (!batch.samples && !evenEmpty) return;
    const { clock, config } = this.#options;
    const monoMs = clock.monoMs();
    if (!batch.samples) batch.begin(this.#skewMs, 0, this.#time.sure);
    const made = batch.take(monoMs, config.gzip);
    const record: SpoolRecord = {
      stream: this.#stream,
      seq: ++this.#seq,
      boot: this.#boot,
      monoMs,
      wallMs: monoMs + batch.skewMs + batch.correctionMs,
      offsetKnown: batch.offsetKnown,
      gzip: config.gzip,
      ...made,
    };
    batch.begin(this.#skewMs, 0, this.#time.sure);
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
          this.#roll(effect.overtaken);
          break;
      }
    this.#lanes.pump();
  }

  #roll(overtaken: number | undefined): void {
    // Where the server has more of the former stream, it would take what is in hand for a duplicate.
    if (overtaken === undefined || !this.#time.sure) this.#cut();
    this.#openStream();
    // What waits for an ack that tells the time must not be what asks for it.
    if (!this.#time.sure) this.#cut(true);
    this.#options.log.info({ stream: this.#stream }, "live stream opened anew");
    if (overtaken === undefined) return;
    this.#spool.countDropped(overtaken);
    this.#options.log.error({ batches: overtaken }, "server has more of a stream than was made of it");
  }

  #up(): void {
    // A machine that wakes may be connected anew before anything else looks at the clock.
    this.#watchClock();
    this.#status.connected();
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
    // The silence is over: the batch in the making was meant to wait for longer than the ones to come.
    if (this.#streams.outage(gotMs)) this.#cut();
    this.#time.learn(ack.serverMs, this.#lanes.sentMs(ack), gotMs);
    const aheadMs = this.#time.measuredAheadMs;
    if (aheadMs !== undefined) this.#spool.rememberBoot(this.#boot, aheadMs);
    this.#step({ type: "ack", ...ack });
  }

  #tick(): void {
    this.#watchClock();
    this.#step({ type: "tick" });
    this.#status.tick();
  }

  /**
   * Notices a step of the wall clock; what was stamped before it must not share a batch with what comes after. A sleep of this
   * machine looks the same, so it is as at a start: an empty batch asks for the time before a stamp is believed.
   */
  #watchClock(): void {
    const { clock, log } = this.#options;
    const skewMs = clock.nowMs() - clock.monoMs();
    const stepMs = skewMs - this.#skewMs;
    this.#skewMs = skewMs;
    if (Math.abs(stepMs) <= STEP_MS) return;
    log.warn({ stepMs: Math.round(stepMs) }, "clock stepped");
    this.#step({ type: "doubted", to: this.#seq + (this.#batch.samples ? 1 : 0) });
    this.#cut();
    this.#time.doubt(clock.monoMs());
    this.#cut(true);
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
