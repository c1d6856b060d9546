import { join } from "node:path";
import type { Evidence, RigStatus, Sample } from "@hashwatt/protocol/sample";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { Spool } from "../spool/spool.js";
import type { SpoolLimits } from "../spool/spoolOptions.js";
import type { Broker } from "./brokerLink.js";
import { SpoolingPublisher } from "./spoolingPublisher.js";
import type { SpoolStatus } from "./statusReporter.js";

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
  /** How many times as fast as the machine's time the clock passes; absent: it is the machine's. */
  speed?: number | undefined;
}

export interface PublisherOptions {
  config: PublisherConfig;
  clock: Clock;
  log: Logger;
  version: string;
  /** Rigs by status, for the status message. */
  rigCounts(): Partial<Record<RigStatus, number>>;
  /** How late the event loop was in the last whole minute, for the status message. */
  loopLag?(): { p99Ms: number; maxMs: number } | undefined;
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
  started.greet();
  if (signal.aborted) await started.close();
  else signal.addEventListener("abort", () => void started.close(), { once: true });
  return started;
}
