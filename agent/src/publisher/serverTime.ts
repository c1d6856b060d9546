/** Widest interval, ms, that counts as a measurement: its error is at most half of it. */
const MAX_WIDTH_MS = 4_000;
/** How long an ack may have been on its way, and how long it usually is, when nothing bounds it, ms. */
const ROUGH_WIDTH_MS = 4_000;
const ROUGH_TRAVEL_MS = 250;
/** How fast two quartz clocks may drift apart: 200 ppm, generous. */
const DRIFT_RATIO = 2e-4;
/** A stamp is corrected from the first offset on, and no longer below the second: an offset on the edge must not flicker. */
const CORRECT_FROM_MS = 2_000;
const CORRECT_TO_MS = 1_000;

/** Bounds of the server's clock minus the agent's monotonic clock, ms, and the likeliest value between them. */
interface Ahead {
  lowMs: number;
  highMs: number;
  bestMs: number;
  /** The upper bound is a guess. */
  rough: boolean;
}

/**
 * What the server's clock says, on the agent's monotonic clock. An ack proves that `serverMs` was read between the first
 * sending of the batch and the ack's arrival, so each ack bounds `server − monotonic` from both sides; the bounds of many acks
 * intersect. A step of the wall clock cannot disturb it, since the wall clock does not enter.
 */
export class ServerTime {
  #ahead: Ahead | undefined;
  #learnedMs = 0;
  #sure = false;
  /** When it came into doubt whether this machine slept; undefined while it is not. */
  #doubtMs: number | undefined;
  #correcting = false;

  /**
   * Learns from an ack that arrived at `gotMs` (monotonic). `sentMs` is when its batch was first sent; undefined, or too long
   * ago, where the ack tells no more than that it was on its way: that is believed only while nothing better is known. While it is
   * in doubt whether this machine slept, only what was sent since then tells: a sleep, which the monotonic clock does not count,
   * may have been part of an earlier batch's way.
   */
  learn(serverMs: number, sentMs: number | undefined, gotMs: number): void {
    if (this.#doubtMs !== undefined && (sentMs === undefined || sentMs < this.#doubtMs)) return;
    const rough = sentMs === undefined || gotMs - sentMs > MAX_WIDTH_MS;
    if (rough && this.#sure) return;
    const lowMs = serverMs - gotMs;
    const highMs = rough ? lowMs + ROUGH_WIDTH_MS : serverMs - sentMs;
    this.#ahead = this.#narrowed(
      { lowMs, highMs, bestMs: 0, rough },
      (gotMs - this.#learnedMs) * DRIFT_RATIO,
    );
    this.#learnedMs = gotMs;
    this.#sure = true;
    this.#doubtMs = undefined;
  }

  /** The wall clock jumped against the monotonic one at `monoMs`: until the next ack it is open whether this machine slept. */
  doubt(monoMs: number): void {
    this.#sure = false;
    // Before the first word there is nothing to doubt.
    if (this.#ahead) this.#doubtMs = monoMs;
  }

  /** Whether an ack has told the offset, and nothing has put it in doubt since. */
  get sure(): boolean {
    return this.#sure;
  }

  /** Server clock minus monotonic clock, ms; undefined until an ack told it. */
  get aheadMs(): number | undefined {
    return this.#ahead?.bestMs;
  }

  /** The same where it was measured and not guessed: exact to 2 s. */
  get measuredAheadMs(): number | undefined {
    return this.#ahead?.rough ? undefined : this.#ahead?.bestMs;
  }

  /**
   * What to add to a stamp that the wall clock made while it was `skewMs` ahead of the monotonic one: 0 while the offset is
   * unknown, small, or may be none. To be asked once per batch.
   */
  correctionMs(skewMs: number): number {
    const change = this.#change(skewMs, this.#correcting ? CORRECT_TO_MS : CORRECT_FROM_MS);
    this.#correcting = change !== 0;
    return change;
  }

  /** The same for a stamp of the past. */
  changeMs(skewMs: number): number {
    return this.#change(skewMs, CORRECT_FROM_MS);
  }

  #change(skewMs: number, fromMs: number): number {
    if (!this.#ahead) return 0;
    const { lowMs, highMs, bestMs } = this.#ahead;
    const mayBeNone = lowMs <= skewMs && skewMs <= highMs;
    return mayBeNone || Math.abs(bestMs - skewMs) <= fromMs ? 0 : Math.round(bestMs - skewMs);
  }

  #narrowed(word: Ahead, driftMs: number): Ahead {
    const known = this.#ahead;
    // No common ground: the server's clock was set, or this machine slept. The newest word counts.
    const meet = known && word.lowMs <= known.highMs + driftMs && word.highMs >= known.lowMs - driftMs;
    const lowMs = meet ? Math.max(word.lowMs, known.lowMs - driftMs) : word.lowMs;
    const highMs = meet ? Math.min(word.highMs, known.highMs + driftMs) : word.highMs;
    const rough = word.rough && (known?.rough ?? true);
    const bestMs = rough ? Math.min(lowMs + ROUGH_TRAVEL_MS, highMs) : (lowMs + highMs) / 2;
    return { lowMs, highMs, bestMs, rough };
  }
}

/** A batch as far as its stamps go. */
export interface Stamped {
  boot: string;
  monoMs: number;
  /** What the clock that stamped the samples said at `monoMs`. */
  wallMs: number;
  offsetKnown: boolean;
}

/** This run, as far as stamps go: its id, what it knows, and what earlier boots knew (server minus their monotonic clock). */
export interface Stamping {
  boot: string;
  time: ServerTime;
  aheadOfMs(boot: string): number | undefined;
}

/**
 * How the stamps of a spooled batch must change when it is sent: by so many ms, or not at all and marked as "unsure" because
 * its boot is gone and never learned its offset.
 */
export function restamping(batch: Stamped, { boot, time, aheadOfMs }: Stamping): number | "unsure" {
  if (batch.offsetKnown) return 0;
  const skewMs = batch.wallMs - batch.monoMs;
  if (batch.boot === boot) return time.changeMs(skewMs);
  const aheadMs = aheadOfMs(batch.boot);
  if (aheadMs === undefined) return "unsure";
  return Math.abs(aheadMs - skewMs) > CORRECT_FROM_MS ? Math.round(aheadMs - skewMs) : 0;
}
