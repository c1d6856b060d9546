import type { Clock } from "@hashwatt/protocol/time";
import type { Hub } from "./live/hub.js";
import type { RigTopics } from "./rigTopics.js";

const SWEEP_MS = 1_000;
const TOPICS_MS = 250;
/** How often slow readers are looked after even when nothing changes. */
const IDLE_FLUSH_MS = 250;

/** What happens by time alone. */
export interface TimedParts {
  /** Looks at what time has made true. */
  sweep(): void;
  hub: Pick<Hub, "flush">;
  topics: Pick<RigTopics, "publish">;
  clock: Clock;
  /** 0: what changes is sent on at once. */
  liveFlushMs: number;
}

/** Starts the server's own timers; what is returned stops them. */
export function startTimers({ sweep, hub, topics, clock, liveFlushMs }: TimedParts): () => void {
  const timers = [
    clock.every(SWEEP_MS, sweep),
    clock.every(liveFlushMs || IDLE_FLUSH_MS, () => hub.flush(clock.nowMs())),
    clock.every(TOPICS_MS, () => topics.publish(clock.nowMs())),
  ];
  return () => {
    for (const timer of timers) timer[Symbol.dispose]();
  };
}
