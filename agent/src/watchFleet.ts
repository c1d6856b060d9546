import { type RigStatus, STATUSES } from "@hashwatt/protocol/sample";
import { AgentError } from "./agentError.js";
import { toHandle } from "./toSample.js";
import { newWatchedRig, type WatchedRig, type Watching, watchRig } from "./watchRig.js";
import { Wheel } from "./wheel.js";

/** A rig to watch. `intervalMs` is set where its range or config asks for one. */
export interface RigTarget {
  address: string;
  port: number;
  intervalMs?: number | undefined;
  /** Ports beside that of the cgminer API, where they are not the maker's. */
  httpPort?: number | undefined;
  v3Port?: number | undefined;
}

/** A fleet that is being watched. */
export interface Fleet {
  /** Watches one more rig; one that is watched already stays as it is. False when it was. */
  add(target: RigTarget): boolean;
  has(address: string, port: number): boolean;
  /** Watches a rig no more; a poll under way is its last. */
  remove(address: string, port: number): void;
  /** Sets the interval of a rig, or undefined for that of the fleet; from its next poll on. */
  pollEvery(address: string, port: number, intervalMs: number | undefined): void;
  /** Everything that is watched, as it was asked for. */
  targets(): Iterable<RigTarget>;
  /** Rigs by what they were doing at their last poll; those not polled yet are in none. */
  counts(): Partial<Record<RigStatus, number>>;
  readonly size: number;
  /** Stops polling and resolves when no poll is under way; the link is to be closed by its owner. */
  stop(): Promise<void>;
}

const TICK_MS = 20;
/** A turn of 164 s, beyond the longest wait. */
const TICKS = 8_192;
/** The golden ratio spreads any number of rigs evenly over an interval, whenever they join. */
const SPREAD = 0.618_033_988_749_895;

/** The interval of a fleet of `rigs` where config asks for none: 5 s up to 200 rigs, 10 s up to 2,000, 30 s above. */
export const defaultIntervalMs = (rigs: number): number =>
  rigs <= 200 ? 5_000 : rigs <= 2_000 ? 10_000 : 30_000;

/** A poll that is under way for longer gives up its place to the next one. */
export const PLACE_MS = 1_000;

/**
 * Polls rigs for ever, each at its own phase of its own interval. At most `concurrency` polls hold a place. One that hangs for
 * {@link PLACE_MS} goes on beside them: all those, and the polls of rigs that gave no reading the last time, take at most half
 * of the places from others, so that dead, silent and dripping rigs never make living ones wait. Twice `concurrency` are under
 * way at most. A poll that is due while its turn has not come waits in order of its time. Ends with `signal`.
 */
export function watchFleet(
  watching: Watching,
  options: { intervalMs?: number; concurrency: number },
  signal: AbortSignal,
): Fleet {
  const { clock, log } = watching;
  const rigs = new Map<string, WatchedRig>();
  const wheel = new Wheel<WatchedRig>(TICK_MS, TICKS, clock.monoMs());
  const { concurrency } = options;
  const half = Math.max(1, concurrency >> 1);
  const living: Lane = { waiting: [], from: 0 };
  const suspect: Lane = { waiting: [], from: 0 };
  /** Living rigs whose poll holds a place, in the order in which they were asked. */
  const quick = new Set<WatchedRig>();
  /** Polls of suspects, and those that hang. */
  let slow = 0;
  let added = 0;
  let stopped = signal.aborted;
  let idle: (() => void) | undefined;

  const baseMs = (rig: WatchedRig) => rig.wishMs ?? options.intervalMs ?? defaultIntervalMs(rigs.size);

  const settle = (rig: WatchedRig) => {
    if (!quick.delete(rig)) slow--;
    if (stopped) {
      if (quick.size + slow === 0) idle?.();
      return;
    }
    if (rig.removed) {
      drain();
      return;
    }
    // On its phase: the next time that lies ahead, so that a late poll does not shift all later ones.
    const now = clock.monoMs();
    const every = rig.intervalMs || baseMs(rig);
    rig.dueMs += every;
    if (rig.dueMs <= now) rig.dueMs += Math.ceil((now - rig.dueMs + 1) / every) * every;
    wheel.add(rig, rig.dueMs);
    drain();
  };

  const start = (rig: WatchedRig) => {
    watchRig(rig, baseMs(rig), watching).then(
      () => settle(rig),
      (error: unknown) => {
        // A fault of this program, not of the rig; the rig goes on being watched.
        log.error({ rig: rig.handle, err: error }, "poll failed unexpectedly");
        settle(rig);
      },
    );
  };

  const drain = () => {
    while (
      isWaiting(living) &&
      quick.size + Math.min(slow, half) < concurrency &&
      quick.size + slow < 2 * concurrency
    ) {
      const rig = take(living);
      if (rig.removed) continue;
      rig.startedMs = clock.monoMs();
      quick.add(rig);
      start(rig);
    }
    while (isWaiting(suspect) && slow < half && quick.size + slow < concurrency) {
      const rig = take(suspect);
      if (rig.removed) continue;
      slow++;
      start(rig);
    }
  };

  const ticking = clock.every(TICK_MS, () => {
    const nowMs = clock.monoMs();
    for (const rig of quick) {
      if (nowMs - rig.startedMs < PLACE_MS) break;
      quick.delete(rig);
      slow++;
    }
    wheel.advance(nowMs, (rig) => {
      if (rig.removed) return;
      // Bounded by the number of rigs: each is in the wheel, in a lane or under way.
      (rig.failures > 0 ? suspect : living).waiting.push(rig);
    });
    drain();
  });

  const stop = (): Promise<void> => {
    stopped = true;
    ticking[Symbol.dispose]();
    return quick.size + slow === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          idle = resolve;
        });
  };
  signal.addEventListener("abort", () => void stop(), { once: true });
  if (stopped) ticking[Symbol.dispose]();

  return {
    add(target) {
      const rig = newWatchedRig(target, 0);
      if (rigs.has(rig.handle)) return false;
      if (rigs.size >= MAX_RIGS)
        throw new AgentError("config", `more than ${MAX_RIGS} rigs; run a second agent for the others`);
      rigs.set(rig.handle, rig);
      const phase = (added++ * SPREAD) % 1;
      rig.dueMs = clock.monoMs() + phase * baseMs(rig);
      wheel.add(rig, rig.dueMs);
      return true;
    },
    has: (address, port) => rigs.has(toHandle(address, port)),
    remove(address, port) {
      const handle = toHandle(address, port);
      const rig = rigs.get(handle);
      if (!rig) return;
      // It is still in the wheel or in a lane, and goes when its turn comes.
      rig.removed = true;
      rigs.delete(handle);
    },
    pollEvery(address, port, intervalMs) {
      const rig = rigs.get(toHandle(address, port));
      if (rig) rig.wishMs = intervalMs;
    },
    *targets() {
      for (const { session, wishMs } of rigs.values()) {
        const { address, port, httpPort, v3Port } = session;
        yield { address, port, httpPort, v3Port, intervalMs: wishMs };
      }
    },
    counts() {
      const counts: Partial<Record<RigStatus, number>> = {};
      for (const status of STATUSES) counts[status] = 0;
      for (const { status } of rigs.values()) if (status) counts[status]!++;
      return counts;
    },
    get size() {
      return rigs.size;
    },
    stop,
  };
}

/** What one agent watches at most; beyond, its machine's ports and memory would be the limit. */
export const MAX_RIGS = 65_536;

/** Rigs that wait for their turn, in order of their time. */
interface Lane {
  waiting: WatchedRig[];
  /** First of `waiting` that is still to come; the list is cut when it has run through. */
  from: number;
}

const isWaiting = (lane: Lane): boolean => lane.from < lane.waiting.length;

function take(lane: Lane): WatchedRig {
  const rig = lane.waiting[lane.from++]!;
  if (lane.from === lane.waiting.length) {
    lane.waiting = [];
    lane.from = 0;
  } else if (lane.from > 4_096) {
    lane.waiting = lane.waiting.slice(lane.from);
    lane.from = 0;
  }
  return rig;
}
