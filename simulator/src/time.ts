/** A timer that has been set and can be taken back. */
export interface Timer {
  cancel(): void;
}

/** The only way to the time: everything else in the simulator takes a `Clock` or a moment in ms. */
export interface Clock {
  /** Epoch ms, UTC. */
  nowMs(): number;
  /** Runs `run` once, `delayMs` from now, unless it is cancelled. */
  after(delayMs: number, run: () => void): Timer;
}

/** A clock that stands still until it is told to move. */
export interface FakeClock extends Clock {
  /** Moves forward by `elapsedMs` and runs what falls due on the way, in order. */
  advance(elapsedMs: number): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** A clock for tests and golden runs: same moves, same times. */
export function fakeClock(startMs = Date.UTC(2026, 0, 15, 9)): FakeClock {
  let nowMs = startMs;
  const due = new Set<{ atMs: number; run: () => void }>();
  return {
    nowMs: () => nowMs,
    after(delayMs, run) {
      const entry = { atMs: nowMs + delayMs, run };
      due.add(entry);
      return { cancel: () => due.delete(entry) };
    },
    advance(elapsedMs) {
      const untilMs = nowMs + elapsedMs;
      for (;;) {
        const next = [...due].filter((entry) => entry.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        due.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = untilMs;
    },
  };
}

/** The fleet's own time, epoch ms; it never goes back. */
export interface FleetTime {
  readonly startMs: number;
  nowMs(): number;
  /** Jumps ahead. */
  advance(elapsedMs: number): void;
}

/**
 * The fleet's own time: starts with the clock, or at `originMs`, and runs `speed` times as fast.
 * Only the physics live in it; delays on the wire stay real, since the reader on the other side is real.
 */
export function acceleratedTime(clock: Clock, speed: number, originMs?: number): FleetTime {
  const clockStartMs = clock.nowMs();
  const startMs = originMs ?? clockStartMs;
  let aheadMs = 0;
  return {
    startMs,
    nowMs: () => startMs + (clock.nowMs() - clockStartMs) * speed + aheadMs,
    advance(elapsedMs) {
      aheadMs += Math.max(0, elapsedMs);
    },
  };
}
