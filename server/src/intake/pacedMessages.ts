import { scheduler } from "node:timers/promises";
import type { Clock } from "@hashwatt/protocol/time";
import type { LinkEvents } from "../broker/link.js";
import type { HeapPolicy } from "../heapPolicy.js";
import type { Ingest } from "../ingest.js";
import type { CommitQueue } from "./commitQueue.js";

/** With so many rows waiting, the broker is asked to hold back until a commit has ended. */
const CROWDED_ROWS = 15_000;
/** With so many, memory is worth less than speed. */
const FLOOD_ROWS = 10_000;

/** Takes in messages no faster than they can be stored, and never so fast that others wait. */
export function pacedMessages(
  ingest: Pick<Ingest, "message">,
  queue: Pick<CommitQueue, "pending" | "settled">,
  heap: Pick<HeapPolicy, "flood">,
  clock: Pick<Clock, "nowMs">,
): LinkEvents["message"] {
  return async (topic, payload) => {
    ingest.message(topic, payload);
    if (queue.pending > FLOOD_ROWS) heap.flood(clock.nowMs());
    if (queue.pending > CROWDED_ROWS) await queue.settled();
    // A flood must not keep the loop from the sockets of everybody else.
    else await scheduler.yield();
  };
}
