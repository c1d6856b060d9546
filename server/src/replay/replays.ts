import type { ReplayView } from "@hashwatt/protocol/replays";
import { ServerError } from "../error.js";
import type { ReplaySession, ReplaySources } from "./replaySession.js";

/** Replays at a time: each holds a fleet of its own. */
const MOST_REPLAYS = 4;
const MOST_OF_ONE = 2;
/** One that nobody looks at ends after this. */
const UNWATCHED_MS = 120_000;
const LOOK_MS = 5_000;

/** What somebody wants to see again. */
export interface ReplayWish {
  fromMs: number;
  toMs: number;
  speed: number;
}

interface Running {
  session: ReplaySession;
  watchedMs: number;
  /** Open connections that follow it. */
  watchers: number;
  onEnd: Set<() => void>;
  onJump: Set<() => void>;
}

/** The replays that run. What they are made of is loaded with the first of them. */
export class Replays implements Disposable {
  readonly #running = new Map<string, Running>();
  readonly #starting = { now: 0 };
  readonly #timer: Disposable;

  constructor(private readonly sources: ReplaySources) {
    this.#timer = sources.clock.every(LOOK_MS, () => this.#endUnwatched());
  }

  list(): ReplayView[] {
    return [...this.#running.values()].map(({ session }) => session.view());
  }

  /** Begins a replay. Throws ServerError `badRequest` for a time of which nothing is held, and when too many run. */
  async start(wish: ReplayWish, who: string): Promise<ReplayView> {
    const { telemetry, state } = this.sources;
    const own = [...this.#running.values()].filter(({ session }) => session.who === who).length;
    if (this.#running.size + this.#starting.now >= MOST_REPLAYS || own >= MOST_OF_ONE)
      throw new ServerError(
        "badRequest",
        own >= MOST_OF_ONE
          ? `${MOST_OF_ONE} replays of yours run: leave one of them first`
          : `${MOST_REPLAYS} replays run: wait until one has ended`,
      );
    this.#starting.now++;
    try {
      const span = await telemetry.span();
      if (!span) throw new ServerError("badRequest", "there is nothing to replay: no reading is stored yet");
      if (wish.fromMs >= wish.toMs) throw new ServerError("badRequest", "from: must be before `to`");
      if (wish.toMs <= span.fromMs || wish.fromMs > span.toMs) {
        const [first, last] = [span.fromMs, span.toMs].map((ms) => new Date(ms).toISOString());
        throw new ServerError("badRequest", `from: single readings are held from ${first} to ${last}`);
      }
      const range = {
        ...wish,
        fromMs: Math.max(wish.fromMs, span.fromMs),
        toMs: Math.min(wish.toMs, this.sources.clock.nowMs()),
      };
      const { ReplaySession, alertsOf } = await import("./replaySession.js");
      const session = new ReplaySession(this.sources, who, range, await alertsOf(state, range));
      const running: Running = {
        session,
        watchedMs: this.sources.clock.monoMs(),
        watchers: 0,
        onEnd: new Set(),
        onJump: new Set(),
      };
      session.onJump(() => {
        for (const run of [...running.onJump]) run();
      });
      this.#running.set(session.id, running);
      return session.view();
    } finally {
      this.#starting.now--;
    }
  }

  /** Throws ServerError `notFound` for one that has ended or never was. */
  get(id: string): ReplaySession {
    const running = this.#running.get(id);
    if (!running)
      throw new ServerError(
        "notFound",
        `There is no replay "${id.slice(0, 64)}"; it may have ended: begin another`,
      );
    running.watchedMs = this.sources.clock.monoMs();
    return running.session;
  }

  has(id: string): boolean {
    return this.#running.has(id);
  }

  /** Counts a connection that follows a replay; `over` is called when it jumps or ends. Dispose with the connection. */
  watch(id: string, over: () => void): Disposable {
    const running = this.#running.get(id);
    if (!running) return { [Symbol.dispose]() {} };
    running.watchers++;
    running.onEnd.add(over);
    running.onJump.add(over);
    let counts = true;
    return {
      [Symbol.dispose]: () => {
        if (!counts) return;
        counts = false;
        running.watchers--;
        running.onEnd.delete(over);
        running.onJump.delete(over);
        running.watchedMs = this.sources.clock.monoMs();
      },
    };
  }

  end(id: string): ReplayView {
    const session = this.get(id);
    const view = session.view();
    this.#remove(id);
    return view;
  }

  #remove(id: string): void {
    const running = this.#running.get(id);
    if (!running) return;
    this.#running.delete(id);
    running.session[Symbol.dispose]();
    for (const run of [...running.onEnd]) run();
  }

  #endUnwatched(): void {
    const monoMs = this.sources.clock.monoMs();
    for (const [id, { watchers, watchedMs }] of this.#running)
      if (watchers === 0 && monoMs - watchedMs > UNWATCHED_MS) this.#remove(id);
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
    for (const id of [...this.#running.keys()]) this.#remove(id);
  }
}
