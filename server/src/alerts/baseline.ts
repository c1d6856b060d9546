import type { Limit, RigLimits } from "../fleet/rigView.js";
import { ByRig } from "../identity/byRig.js";
import { TempRings } from "./tempRings.js";

/** One reading of a sensor counts for this long: a baseline is of hours, not of polls. */
const EVERY_MS = 300_000;
/** Eight hours: long enough for a median that a hot hour does not move, short enough to follow the seasons. */
const KEPT = 96;
/** Half an hour of mining before a rig is judged by itself. */
export const BASELINE_AFTER = 6;
/** Degrees above its own median at which a rig departs from itself. */
export const BASELINE_MARGIN_C = 10;

/** So many rigs of one rack and model tell what is usual there. */
const LEAST_NEIGHBOURS = 3;
/** Degrees above their median at which a rig departs from its neighbours: places in a rack differ by themselves. [A] */
const NEIGHBOUR_MARGIN_C = 15;

const SENSORS = ["chip", "board"] as const;
type Sensor = (typeof SENSORS)[number];

/** Of a sensor: where what it said is kept, from its first word on, and the median of it where enough is known. */
interface Usual {
  ring: number | undefined;
  ownC: number | undefined;
}

interface Learned extends Record<Sensor, Usual> {
  nextMs: number;
  limits: RigLimits;
  /** The rack, and the model in it, whose rigs are its neighbours. */
  among: string | undefined;
}

/** Temperatures of a rig that is mining, °C; absent = not reported. */
export type Temps = { [sensor in Sensor]?: number | undefined };

/** One for all of which nothing is known. */
const NO_LIMITS: RigLimits = Object.freeze({});

/** What each rig's own sensors usually say, and those of its neighbours, for sensors of which no stated or sourced limit is known. */
export class Baselines {
  readonly #learned = new ByRig<Learned>();
  readonly #rings = new TempRings(KEPT);
  readonly #among = new Map<string, Set<number>>();

  /**
   * Takes in temperatures of a rig that is mining, at most every five minutes, and returns its limits so far. `among`: names the rigs
   * that it is compared with; undefined where it is not known where it stands. `settled`: it has mined for long enough to be as it usually
   * is; else it is compared, and nothing is learned from it.
   */
  learn(
    rig: number,
    temps: Temps,
    atMs: number,
    among?: () => string | undefined,
    settled = true,
  ): RigLimits {
    const learned = this.#of(rig);
    if (atMs < learned.nextMs) return learned.limits;
    learned.nextMs = atMs + EVERY_MS;
    if (among) this.#stand(rig, learned, among());
    if (settled) this.#push(learned, temps);
    return this.#limit(rig, learned, temps);
  }

  /** Takes in what a rig that was mining said before, oldest first and at least five minutes apart. */
  recall(rig: number, said: readonly (Temps & { atMs: number })[]): void {
    const learned = this.#of(rig);
    for (const temps of said) {
      learned.nextMs = temps.atMs + EVERY_MS;
      this.#push(learned, temps);
    }
    this.#limit(rig, learned, {});
  }

  #of(rig: number): Learned {
    let learned = this.#learned.get(rig);
    if (!learned) {
      learned = {
        nextMs: Number.NEGATIVE_INFINITY,
        chip: { ring: undefined, ownC: undefined },
        board: { ring: undefined, ownC: undefined },
        limits: NO_LIMITS,
        among: undefined,
      };
      this.#learned.set(rig, learned);
    }
    return learned;
  }

  #push(learned: Learned, temps: Temps): void {
    for (const sensor of SENSORS) {
      const temp = temps[sensor];
      if (temp === undefined) continue;
      const usual = learned[sensor];
      usual.ring ??= this.#rings.open();
      this.#rings.push(usual.ring, temp);
    }
  }

  /** Limits of the sensors of which something is kept, and of those that tell something now. */
  #limit(rig: number, learned: Learned, temps: Temps): RigLimits {
    const limits: RigLimits = {};
    for (const sensor of SENSORS) {
      const usual = learned[sensor];
      const { ring } = usual;
      if (ring === undefined && temps[sensor] === undefined) continue;
      const count = ring === undefined ? 0 : this.#rings.count(ring);
      const own = ring === undefined || count < BASELINE_AFTER ? undefined : this.#rings.median(ring);
      usual.ownC = own;
      const limit = lower(
        own === undefined ? undefined : ownLimit(own, count),
        this.#neighbourLimit(rig, learned.among, sensor),
      );
      if (limit) limits[sensor] = limit;
    }
    learned.limits = limits.chip || limits.board ? limits : NO_LIMITS;
    return learned.limits;
  }

  /** Its limits so far until a reading of it is to be taken in again; undefined when it is. */
  held(rig: number, atMs: number): RigLimits | undefined {
    const learned = this.#learned.get(rig);
    return learned && atMs < learned.nextMs ? learned.limits : undefined;
  }

  limits(rig: number): RigLimits {
    return this.#learned.get(rig)?.limits ?? NO_LIMITS;
  }

  /** Forgets a rig that is gone. */
  drop(rig: number): void {
    const learned = this.#learned.get(rig);
    if (!learned) return;
    this.#stand(rig, learned, undefined);
    for (const sensor of SENSORS) {
      const { ring } = learned[sensor];
      if (ring !== undefined) this.#rings.close(ring);
    }
    this.#learned.delete(rig);
  }

  #stand(rig: number, learned: Learned, among: string | undefined): void {
    if (learned.among === among) return;
    if (learned.among !== undefined) {
      const left = this.#among.get(learned.among);
      left?.delete(rig);
      if (!left?.size) this.#among.delete(learned.among);
    }
    learned.among = among;
    if (among === undefined) return;
    const joined = this.#among.get(among);
    if (joined) joined.add(rig);
    else this.#among.set(among, new Set([rig]));
  }

  #neighbourLimit(rig: number, among: string | undefined, sensor: Sensor): Limit | undefined {
    if (among === undefined) return undefined;
    const theirs: number[] = [];
    for (const other of this.#among.get(among) ?? []) {
      const usual = other === rig ? undefined : this.#learned.get(other)?.[sensor].ownC;
      if (usual !== undefined) theirs.push(usual);
    }
    if (theirs.length < LEAST_NEIGHBOURS) return undefined;
    const usual = median(theirs);
    return {
      limitC: usual + NEIGHBOUR_MARGIN_C,
      source: `neighbours (median of ${theirs.length} rigs of its model in its rack, ${rounded(usual)} °C, plus ${NEIGHBOUR_MARGIN_C})`,
      name: "neighbours in its rack",
      learned: true,
    };
  }
}

const lower = (own: Limit | undefined, other: Limit | undefined): Limit | undefined =>
  own && other ? (other.limitC < own.limitC ? other : own) : (own ?? other);

const rounded = (tempC: number): number => Math.round(tempC * 10) / 10;

function median(temps: readonly number[]): number {
  const sorted = [...temps].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function ownLimit(usual: number, readings: number): Limit {
  const hours = Math.round((readings * EVERY_MS) / 360_000) / 10;
  return {
    limitC: usual + BASELINE_MARGIN_C,
    source: `baseline (its own median of ${rounded(usual)} °C in ${hours} h, plus ${BASELINE_MARGIN_C})`,
    name: "own baseline",
    learned: true,
  };
}
