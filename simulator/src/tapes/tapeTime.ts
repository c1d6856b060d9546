import type { Clock } from "../time.js";
import type { Span } from "./tape.js";

/** What of a tape is played, and how. */
export interface Playing {
  /** Epoch ms of the tape; all of it when not given. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
  /** How many times as fast as it was recorded. */
  speed: number;
  loop: boolean;
}

/** Where on the tape the replay is. */
export interface TapeMoment {
  atMs: number;
  /** How often it began anew. */
  round: number;
  ended: boolean;
}

/** The spans of a tape between two times. */
export function within(spans: readonly Span[], { fromMs, toMs }: Pick<Playing, "fromMs" | "toMs">): Span[] {
  return spans
    .map((span) => ({
      fromMs: Math.max(span.fromMs, fromMs ?? Number.NEGATIVE_INFINITY),
      toMs: Math.min(span.toMs, toMs ?? Number.POSITIVE_INFINITY),
    }))
    .filter((span) => span.fromMs < span.toMs || (span.fromMs === span.toMs && fromMs === undefined));
}

/**
 * The time of the tape while it is played: `speed` ms pass for each of the clock's, and what lies between two recordings is
 * left out. `spans` are not empty.
 */
export function tapeTime(spans: readonly Span[], { speed, loop }: Playing, clock: Clock): () => TapeMoment {
  const startedMs = clock.nowMs();
  const totalMs = spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const last = spans.at(-1)!;
  return () => {
    const playedMs = Math.max(0, (clock.nowMs() - startedMs) * speed);
    const round = loop && totalMs > 0 ? Math.floor(playedMs / totalMs) : 0;
    let left = playedMs - round * totalMs;
    for (const { fromMs, toMs } of spans) {
      if (left <= toMs - fromMs) return { atMs: fromMs + left, round, ended: false };
      left -= toMs - fromMs;
    }
    return { atMs: last.toMs, round, ended: true };
  };
}
