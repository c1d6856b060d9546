import { asMeasured } from "./gauges.js";
import { type Override, overridden } from "./override.js";
import { type Cells, cellsOf, keep, load, phaseOf, uptimeMsOf } from "./physics/cells.js";
import { coast } from "./physics/coast.js";
import { type Draft, draftOf } from "./physics/draft.js";
import { CALM_MS, exhaustRiseK, finish, run, type Surroundings } from "./physics/step.js";
import type { Traits } from "./physics/traits.js";
import { initialState } from "./physics/warmStart.js";
import { hashText, Random } from "./random.js";
import type { RigState } from "./rigState.js";
import { hallWorld } from "./site/hallWorld.js";
import type { RigIdentity } from "./site.js";
import type { Circumstances, World } from "./world.js";

/** What surrounds a rig is looked at this often; a whole number of the firmware's own periods. */
const GRID_MS = 20_000;

/** Circumstances, and up to when they are sure to stay the same. */
interface Known {
  now: Circumstances | undefined;
  untilMs: number;
}
const UNKNOWN: Known = { now: undefined, untilMs: Number.NEGATIVE_INFINITY };

/** A system brings its network up so long after it has begun to boot. */
const PORT_UP_MS = 25_000;

/** Bounds the work of one look at a rig that nobody has asked for long: what is older is coasted over. */
const MOST_MS = 2 * 86_400_000;

/** Drafts that rigs are stepped in, by the number of their boards and pools: one rig at a time. */
const benches = new Map<number, Draft>();

/** Who was glanced at last, when, and what was seen: it stands on its bench until another rig is worked on. */
let glance: { rig: LiveRig; atMs: number; state: RigState } | undefined;

/**
 * A rig that moves only when it is looked at: ten thousand of them cost nothing while nobody asks. It moves on a grid of the
 * fleet's time and at the moments when something befalls it; a look in between goes on from there without being kept, so that
 * what a rig does never depends on who looks, or how often. `atMs` is the fleet's time everywhere, and never goes back.
 */
export class LiveRig {
  readonly identity: RigIdentity;
  readonly #startMs: number;
  readonly #world: World;
  readonly #random: Random;
  /** Tells its chances from those of other rigs. */
  readonly key: number;
  /** As far as it has been stepped; undefined until somebody looks. */
  #cells: Cells | undefined;
  #traits: Traits | undefined;
  #steppedToMs: number;
  /** What is done to it as far as it has been stepped, and for whoever asks. */
  #known: Known = UNKNOWN;
  #asked: Known = UNKNOWN;
  #surroundings: Surroundings | undefined;
  #surroundedUntilMs = Number.NEGATIVE_INFINITY;
  #override: Override | undefined;

  constructor(identity: RigIdentity, seed: string, startMs: number, world: World = hallWorld(startMs)) {
    this.identity = identity;
    this.#startMs = startMs;
    this.#world = world;
    this.#steppedToMs = startMs;
    this.#random = new Random(seed, "life", identity.index);
    this.key = hashText(`${seed}/gauges/${identity.index}`);
  }

  /** The rig at this moment as its gauges show it, with what a test dictates on top; whoever gets it may keep it. */
  stateAt(atMs: number): RigState {
    return this.#shown(draftOf(this.#advance(atMs)), atMs);
  }

  /**
   * The same for one who reads it at once and keeps nothing of it: the next look at any rig writes over it. Ten thousand rigs that
   * are asked every five seconds leave little to be cleared up this way.
   */
  glanceAt(atMs: number): RigState {
    // Who asks a rig asks it several things.
    if (glance?.rig === this && glance.atMs === atMs) return glance.state;
    const state = this.#shown(this.#advance(atMs), atMs);
    glance = { rig: this, atMs, state };
    return state;
  }

  /** The rig at this moment as it really is; whoever gets it may keep it. */
  trueStateAt(atMs: number): RigState {
    return this.#lived(draftOf(this.#advance(atMs)), atMs);
  }

  #shown(draft: Draft, atMs: number): RigState {
    const state = asMeasured(this.#lived(draft, atMs), this.key, atMs);
    return this.#override === undefined ? state : overridden(state, this.#override);
  }

  /** Moves a copy on from where the rig was stepped to. */
  #lived(draft: Draft, atMs: number): RigState {
    const restMs = atMs - this.#steppedToMs;
    if (restMs > 0) run(draft, restMs, this.#random.copy(), this.#surroundings as Surroundings);
    return finish(draft);
  }

  /** Whether its network port is up: it has power and its system has started so far. */
  isUp(atMs: number): boolean {
    if (this.#cells === undefined || this.#isDue(atMs)) this.#advance(atMs);
    const cells = this.#cells as Cells;
    return phaseOf(cells) !== "off" && uptimeMsOf(cells) + atMs - this.#steppedToMs >= PORT_UP_MS;
  }

  /** What is done to the rig from outside at this moment. */
  circumstancesAt(atMs: number): Circumstances {
    // What is known as far as it has been stepped nearly always holds still.
    if (atMs < this.#known.untilMs) return this.#known.now as Circumstances;
    if (atMs >= this.#asked.untilMs) this.#asked = this.#world.circumstances(this.identity, atMs);
    return this.#asked.now as Circumstances;
  }

  /** To be called when something new befalls it at this moment. */
  forget(atMs: number): void {
    this.#advance(atMs);
    this.#known = UNKNOWN;
    this.#asked = UNKNOWN;
    this.#surroundedUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** Dictates readings until the next call; undefined gives the rig back to its physics. */
  override(override: Override | undefined): void {
    glance = undefined;
    this.#override = override === undefined ? undefined : { ...this.#override, ...override };
  }

  #suffered(atMs: number): Circumstances {
    if (atMs >= this.#known.untilMs) this.#known = this.#world.circumstances(this.identity, atMs);
    return this.#known.now as Circumstances;
  }

  #inletC(atMs: number, now: Circumstances, riseK: number): number {
    return this.#world.inletTempC(this.identity, atMs, riseK, now.inletDeltaC);
  }

  #begin(): Draft {
    const { identity } = this;
    const now = this.#suffered(this.#startMs);
    const state = initialState(
      identity.unit,
      {
        phase: now.given.supply === 0 ? "off" : now.given.asleep ? "sleeping" : "mining",
        inletTempC: this.#inletC(this.#startMs, now, 0),
        given: now.given,
        elapsedMs: identity.ranMs,
        uptimeMs: identity.bootedMs,
      },
      this.#random,
    );
    return draftOf(state);
  }

  /** The last moment by then at which the firmware decides: a step that ends there and is gone on with is the same as one that goes through. */
  #decidesMs(atMs: number): number {
    return this.#startMs + Math.floor((atMs - this.#startMs) / CALM_MS) * CALM_MS;
  }

  #isDue(atMs: number): boolean {
    return this.#surroundedUntilMs <= atMs || this.#decidesMs(atMs) > this.#steppedToMs;
  }

  /** The draft that the rig is worked on in, as it was at the moment that it is stepped to. */
  #onBench(): Draft {
    glance = undefined;
    const { unit } = this.identity;
    const begun = this.#cells === undefined ? this.#begin() : undefined;
    if (begun !== undefined) {
      this.#traits = begun.traits;
      this.#cells = cellsOf(begun);
    }
    const cells = this.#cells as Cells;
    const shape = unit.boardShares.length * 64 + cells.poolCount;
    let bench = benches.get(shape);
    if (bench === undefined) {
      // The first rig of a shape brings it along.
      bench = begun as Draft;
      benches.set(shape, bench);
    }
    bench.unit = unit;
    bench.traits = this.#traits as Traits;
    return load(cells, bench);
  }

  /** Steps the rig on as far as it can be for good, and leaves it on the bench. */
  #advance(atMs: number): Draft {
    const draft = this.#onBench();
    if (!this.#isDue(atMs)) return draft;
    if (atMs - this.#steppedToMs > MOST_MS) {
      const gridMs = Math.floor((atMs - this.#steppedToMs - MOST_MS) / GRID_MS) * GRID_MS;
      coast(draft, gridMs, this.#random);
      this.#steppedToMs += gridMs;
    }
    const decidedMs = this.#decidesMs(atMs);
    for (;;) {
      const fromMs = this.#steppedToMs;
      if (fromMs >= this.#surroundedUntilMs) this.#surround(fromMs, draft);
      const toMs = this.#surroundedUntilMs <= atMs ? this.#surroundedUntilMs : decidedMs;
      const surroundings = this.#surroundings as Surroundings;
      // What begins or ends at this very moment is met in it: a rig that starts anew does not answer before.
      if (toMs <= fromMs && surroundings.given === draft.given) break;
      this.#steppedToMs = Math.max(fromMs, toMs);
      run(draft, this.#steppedToMs - fromMs, this.#random, surroundings);
    }
    keep(draft, this.#cells as Cells);
    return draft;
  }

  /** Looks around: what the rig takes in and what is done to it, until the next point of the grid or the next incident. */
  #surround(atMs: number, draft: Draft): void {
    const now = this.#suffered(atMs);
    this.#surroundings = { inletTempC: this.#inletC(atMs, now, exhaustRiseK(draft)), given: now.given };
    const gridMs = this.#startMs + (Math.floor((atMs - this.#startMs) / GRID_MS) + 1) * GRID_MS;
    this.#surroundedUntilMs = Math.min(gridMs, this.#known.untilMs);
  }
}
