import { coolingOf } from "../models.js";
import { inletTempC, type RigIdentity } from "../site.js";
import { ambientC } from "./ambient.js";
import type { Climate } from "./climates.js";
import { supplyTempC } from "./loop.js";
import { placeOf } from "./places.js";

/** A hall and the weather around it. */
export interface Hall {
  /** Undefined: the air-conditioned hall of a fleet of which nothing else is said, 24 ± 5 °C. */
  climate: Climate | undefined;
  /**
   * What clocks of the climate's place show when the simulation begins, as the ms that this would be in UTC; undefined: what they
   * show at the fleet's own time.
   */
  fromLocalMs: number | undefined;
  /** Air at the rigs' side of the wall over that outside: sun on the roof, warm walls. */
  riseC: number;
  /** Exhaust is mixed in so that the inlet does not fall below this; undefined: it is not. */
  mixToC: number | undefined;
  /** Share of a rig's own rise that comes back to its inlet, in the middle of a row and at its ends. */
  recirculation: { middle: number; end: number };
  /** 0: no spells, no draught and no warmer places; 1: as in life. */
  weather: number;
}

export const USUAL_HALL: Hall = {
  climate: undefined,
  fromLocalMs: undefined,
  riseC: 2,
  mixToC: undefined,
  recirculation: { middle: 0, end: 0 },
  weather: 1,
};

/** The air of a shed with open walls: cold and warm aisle leak into each other, most at the ends of a row. */
export const SHED_RECIRCULATION = { middle: 0.06, end: 0.14 };

const NO_WEATHER_C = 24;
/** The valve of a loop is never quite still. */
const VALVE_DRIFT_K = 0.3;
const VALVE_PERIOD_MS = 90_000;
const HOUR_MS = 3_600_000;

/**
 * Inlets of a hall. Recirculation takes a rig's own exhaust for its neighbours': they run as it does. So the air of a rig depends on
 * no other rig, and each can be moved on by itself.
 */
export class HallAir {
  readonly #hall: Hall;
  readonly #startMs: number;
  /** The weather's own time when the simulation begins, epoch ms; and how far clocks of its place are ahead of UTC. */
  readonly #fromMs: number;
  readonly #utcOffsetMs: number;
  readonly #key: number;
  #atMs = Number.NaN;
  #ambientC = 0;

  constructor(hall: Hall, startMs: number, key: number) {
    this.#hall = hall;
    this.#startMs = startMs;
    this.#utcOffsetMs = (hall.climate?.utcOffsetH ?? 0) * HOUR_MS;
    this.#fromMs = hall.fromLocalMs === undefined ? startMs : hall.fromLocalMs - this.#utcOffsetMs;
    this.#key = key;
  }

  /** The weather's time at this moment of the fleet's. */
  weatherMs(atMs: number): number {
    return this.#fromMs + atMs - this.#startMs;
  }

  /** What the site's clocks show at this moment, as ms of a day that begins at a whole multiple of 86,400,000. */
  localMs(atMs: number): number {
    return this.weatherMs(atMs) + this.#utcOffsetMs;
  }

  /** Air outside. */
  ambientC(atMs: number): number {
    const { climate, weather } = this.#hall;
    if (climate === undefined) return NO_WEATHER_C;
    // All rigs are moved on the same grid, so one memory serves a thousand of them.
    if (atMs !== this.#atMs) {
      this.#atMs = atMs;
      this.#ambientC = ambientC(climate, this.weatherMs(atMs), weather, this.#key);
    }
    return this.#ambientC;
  }

  /** What a rig takes in, where the weather is by `warmerC` warmer than it would be. */
  inletTempC(rig: RigIdentity, atMs: number, riseK: number, warmerC: number): number {
    const cooling = coolingOf(rig.model);
    if (cooling === "air") return this.#airTempC(rig, atMs, riseK) + warmerC;
    const drift = this.#hall.weather * VALVE_DRIFT_K * Math.sin(atMs / VALVE_PERIOD_MS + rig.index);
    return supplyTempC(cooling, this.ambientC(atMs) + warmerC) + drift;
  }

  #airTempC(rig: RigIdentity, atMs: number, riseK: number): number {
    const { climate, weather, riseC, mixToC, recirculation } = this.#hall;
    if (climate === undefined) return weather === 0 ? NO_WEATHER_C : inletTempC(rig, this.weatherMs(atMs));
    const { rack } = placeOf(rig.index);
    const share = rack % 4 < 2 ? recirculation.end : recirculation.middle;
    const outside = this.ambientC(atMs) + riseC;
    const mixed = mixToC === undefined ? outside : Math.max(outside, mixToC);
    const draught =
      0.3 * Math.sin(atMs / 350_000 + rig.index) + 0.2 * Math.sin(atMs / 97_000 + rig.index * 2);
    return mixed + share * Math.max(0, riseK) + weather * (rig.placeC + draught);
  }
}
