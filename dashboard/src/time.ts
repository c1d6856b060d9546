/** Ends a timer or a subscription; calling it twice is harmless. */
export type Stop = () => void;

/**
 * The dashboard's one source of time. What needs the time, a timer or an animation frame takes a ScreenClock, so that
 * a test can own it.
 */
export interface ScreenClock {
  /** The browser's wall clock, epoch ms. It may be wrong: ages are judged by the server's (`serverNowMs` of the feed). */
  nowMs(): number;
  /** Monotonic ms of an arbitrary origin; never steps. */
  monoMs(): number;
  /** Calls `run` once after `ms`. */
  after(ms: number, run: () => void): Stop;
  /** Calls `run` before the next paint; never while the tab is hidden. */
  frame(run: () => void): Stop;
}

/** The browser's own clock. */
export const screenClock: ScreenClock = {
  nowMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(ms, run) {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
  frame(run) {
    const id = requestAnimationFrame(run);
    return () => cancelAnimationFrame(id);
  },
};

/** Calls `run` every `ms` until stopped; late ticks do not pile up. */
export function every(clock: Pick<ScreenClock, "after">, ms: number, run: () => void): Stop {
  let stop: Stop;
  let ended = false;
  const arm = () => {
    stop = clock.after(ms, () => {
      if (ended) return;
      arm();
      run();
    });
  };
  arm();
  return () => {
    ended = true;
    stop();
  };
}

const listeners = new Set<() => void>();
let stopTick: Stop | undefined;
let ticks = 0;

/** The shared one-second tick behind every age on the screen; it runs only while something listens. */
export const secondTick = {
  get: () => ticks,
  subscribe(onTick: () => void): Stop {
    listeners.add(onTick);
    stopTick ??= every(screenClock, 1000, () => {
      ticks++;
      for (const listener of listeners) listener();
    });
    return () => {
      listeners.delete(onTick);
      if (listeners.size > 0) return;
      stopTick?.();
      stopTick = undefined;
    };
  },
};

/** A time limit joined to a parent signal; `stop` unhooks both. `late` says whether it was the limit that struck. */
export interface Deadline {
  signal: AbortSignal;
  readonly late: boolean;
  stop: Stop;
}

/** Starts a {@link Deadline} of `ms` under `parent`. */
export function deadline(clock: Pick<ScreenClock, "after">, ms: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  let late = false;
  const onParent = () => controller.abort(parent.reason);
  if (parent.aborted) onParent();
  else parent.addEventListener("abort", onParent, { once: true });
  const stopTimer = clock.after(ms, () => {
    late = true;
    controller.abort();
  });
  return {
    signal: controller.signal,
    get late() {
      return late;
    },
    stop() {
      stopTimer();
      parent.removeEventListener("abort", onParent);
    },
  };
}
