/** Stops a timer; calling it twice is harmless. */
export interface Timer extends Disposable {}

/** A time limit joined to a parent signal; dispose it to unhook both, or the parent keeps the listener for ever. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * The one source of time. Everything that needs the time or a timer takes a Clock, so that a test can own it.
 * Timers of a Clock never keep a process alive by themselves except `sleep`.
 */
export interface Clock {
  /** Wall clock, epoch ms UTC. It may step in either direction. */
  nowMs(): number;
  /** Monotonic ms from an arbitrary origin of this boot; never steps. */
  monoMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`. */
  after(ms: number, run: () => void): Timer;
  /** Calls `run` every `ms` until disposed. */
  every(ms: number, run: () => void): Timer;
  /** A signal that aborts after `ms` with a TimeoutError, or with the parent. */
  deadline(ms: number, parent: AbortSignal): Deadline;
}

class TimeoutReason extends Error {
  override name = "TimeoutError";
}

/** Builds `sleep`, `every` and `deadline` from the four primitives, so that real and fake clocks cannot differ in them. */
export function clockFrom(base: Pick<Clock, "nowMs" | "monoMs" | "after">): Clock {
  return {
    ...base,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          timer[Symbol.dispose]();
          reject(signal.reason);
        };
        const timer = base.after(ms, () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        });
        signal.addEventListener("abort", onAbort, { once: true });
      });
    },
    every(ms, run) {
      let stopped = false;
      let timer: Timer;
      const arm = () => {
        timer = base.after(ms, () => {
          if (stopped) return;
          arm();
          run();
        });
      };
      arm();
      return {
        [Symbol.dispose]() {
          stopped = true;
          timer[Symbol.dispose]();
        },
      };
    },
    deadline(ms, parent) {
      const controller = new AbortController();
      const onParent = () => controller.abort(parent.reason);
      if (parent.aborted) onParent();
      else parent.addEventListener("abort", onParent, { once: true });
      const timer = base.after(ms, () => controller.abort(new TimeoutReason(`no answer within ${ms} ms`)));
      return {
        signal: controller.signal,
        [Symbol.dispose]() {
          timer[Symbol.dispose]();
          parent.removeEventListener("abort", onParent);
        },
      };
    },
  };
}

/** The machine's own clock. */
export const systemClock: Clock = clockFrom({
  nowMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
});

/**
 * A time that passes `speed` times as fast as the machine's, for trials with a simulated fleet: at `originMs`, epoch ms, both show
 * the same. The programs of one installation are given the same pair and need nothing else to agree.
 */
export interface ClockRate {
  originMs: number;
  speed: number;
}

/** The machine's clock, wound on as `rate` says; without one it is the machine's own. What the system itself times stays as it is. */
export function clockAt(rate: ClockRate | undefined): Clock {
  if (rate === undefined) return systemClock;
  const { originMs, speed } = rate;
  return clockFrom({
    nowMs: () => Math.floor(originMs + (systemClock.nowMs() - originMs) * speed),
    monoMs: () => systemClock.monoMs() * speed,
    after: (ms, run) => systemClock.after(ms / speed, run),
  });
}

/** The same clock for what takes as long as it does, connections above all: spans and timers are the machine's own again. */
export function unhurried(clock: Clock, speed: number | undefined): Clock {
  if (speed === undefined) return clock;
  return clockFrom({
    nowMs: () => clock.nowMs(),
    monoMs: () => clock.monoMs() / speed,
    after: (ms, run) => clock.after(ms * speed, run),
  });
}

/** A clock that stands still until told; for tests and for replay. */
export interface FakeClock extends Clock {
  /** Moves both clocks on by `ms`, running due timers in order and letting promises settle between them. */
  advance(ms: number): Promise<void>;
  /** Steps the wall clock alone, as NTP or an operator does; monotonic time and timers do not notice. */
  step(ms: number): void;
  /** Number of armed timers; a test's way to see a leak. */
  readonly pending: number;
}

/** Starts a fake clock at `startMs` (epoch ms). */
export function fakeClock(startMs: number): FakeClock {
  let mono = 0;
  let wallOffset = startMs;
  let order = 0;
  const due: { at: number; order: number; run: () => void }[] = [];
  const settle = async () => {
    // Chains of awaits in the code under test need several turns of the microtask queue before it arms its next timer.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  const base = clockFrom({
    nowMs: () => wallOffset + mono,
    monoMs: () => mono,
    after(ms, run) {
      const entry = { at: mono + Math.max(0, ms), order: order++, run };
      due.push(entry);
      return {
        [Symbol.dispose]() {
          const at = due.indexOf(entry);
          if (at >= 0) due.splice(at, 1);
        },
      };
    },
  });
  return {
    ...base,
    get pending() {
      return due.length;
    },
    async advance(ms) {
      const end = mono + ms;
      await settle();
      for (;;) {
        due.sort((a, b) => a.at - b.at || a.order - b.order);
        const next = due[0];
        if (!next || next.at > end) break;
        due.shift();
        mono = Math.max(mono, next.at);
        next.run();
        await settle();
      }
      mono = end;
      await settle();
    },
    step(ms) {
      wallOffset += ms;
    },
  };
}
