import { scheduler } from "node:timers/promises";
import type { Clock } from "@hashwatt/protocol/time";
import type { LinkEvents } from "../broker/link.js";
import type { HeapPolicy } from "../heapPolicy.js";
import type { Ingest } from "../ingest.js";
import type { CommitQueue } from "./commitQueue.js";
import type { FloodGauge } from "./floodGauge.js";
import { unpackAside } from "./payload.js";

/**
 * With so many rows waiting, the broker is asked to hold back until a commit has ended. Over a network a commit takes longer,
 * and what waits for it as objects waits as packed bytes there, at a tenth of the memory and of the collector's work.
 */
const CROWDED_ROWS = { file: 15_000, network: 8_000 };

/**
 * Takes in messages no faster than they can be stored, and never so fast that others wait. In a flood the next message is there, and is
 * unpacked by another thread, while one is taken in.
 */
export function pacedMessages(
  ingest: Pick<Ingest, "message" | "samples">,
  queue: Pick<CommitQueue, "pending" | "settled">,
  heap: Pick<HeapPolicy, "flood" | "waits">,
  gauge: Pick<FloodGauge, "add">,
  clock: Pick<Clock, "nowMs">,
): LinkEvents["message"] {
  const crowdedRows = heap.waits ? CROWDED_ROWS.network : CROWDED_ROWS.file;
  let isFlood = false;
  /** The turn of the message before. */
  let last: Promise<void> = Promise.resolve();
  return (topic, payload) => {
    const before = last;
    const aside = isFlood ? unpackAside(payload) : undefined;
    const turn = before
      .catch(() => undefined)
      .then(async () => {
        const plain = aside ? await aside : payload;
        const rows = ingest.samples;
        ingest.message(topic, plain);
        // In a flood memory is worth less than speed.
        isFlood = gauge.add(ingest.samples - rows);
        if (isFlood) heap.flood(clock.nowMs());
        if (queue.pending > crowdedRows) await queue.settled();
        // A flood must not keep the loop from the sockets of everybody else.
        else await scheduler.yield();
      });
    // Who waits for it hears of what fails, be it with the next message.
    turn.catch(() => undefined);
    last = turn;
    return aside ? before : turn;
  };
}
