import { scheduler } from "node:timers/promises";
import type { Clock } from "@hashwatt/protocol/time";
import type { LinkEvents } from "../broker/link.js";
import type { HeapPolicy } from "../heapPolicy.js";
import type { Ingest } from "../ingest.js";
import type { CommitQueue } from "./commitQueue.js";
import type { FloodGauge } from "./floodGauge.js";

/**
 * With so many rows waiting, the broker is asked to hold back until a commit has ended. Over a network a commit takes longer,
 * and what waits for it as objects waits as packed bytes there, at a tenth of the memory and of the collector's work.
 */
const CROWDED_ROWS = { file: 15_000, network: 8_000 };

/** Takes in messages no faster than they can be stored, and never so fast that others wait. */
export function pacedMessages(
  ingest: Pick<Ingest, "message" | "samples">,
  queue: Pick<CommitQueue, "pending" | "settled">,
  heap: Pick<HeapPolicy, "flood" | "waits">,
  gauge: Pick<FloodGauge, "add">,
  clock: Pick<Clock, "nowMs">,
): LinkEvents["message"] {
  const crowdedRows = heap.waits ? CROWDED_ROWS.network : CROWDED_ROWS.file;
  return async (topic, payload) => {
    const before = ingest.samples;
    ingest.message(topic, payload);
    // In a flood memory is worth less than speed.
    if (gauge.add(ingest.samples - before)) heap.flood(clock.nowMs());
    if (queue.pending > crowdedRows) await queue.settled();
    // A flood must not keep the loop from the sockets of everybody else.
    else await scheduler.yield();
  };
}
