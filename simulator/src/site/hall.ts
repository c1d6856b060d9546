import { inletTempC, type RigIdentity } from "../site.js";
import { ambientC } from "./ambient.js";
import type { Climate } from "./climates.js";
import { placeOf } from "./places.js";

/** A hall and the weather around it. */
export interface Hall {
  /** Undefined: the air-conditioned hall of a fleet of which nothing else is said, 24 ± 5 °C. */
  climate: Climate | undefined;
  /** The weather's own time when the simulation begins, epoch ms; undefined: the fleet's. */
  fromMs: number | undefined;
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
  fromMs: undefined,
  riseC: 2,
  mixToC: undefined,
  recirculation: { middle: 0, end: 0 },
  weather: 1,
};

/** The air of a shed with open walls: cold and warm aisle leak into each other, most at the ends of a row. */
export const SHED_RECIRCULATION = { middle: 0.06, end: 0.14 };

const NO_WEATHER_C = 24;

/**
 * Inlets of a hall. Recirculation takes a rig's own exhaust for its neighbours': they run as it does. So the air of a rig depends on
 * no other rig, and each can be moved on by itself.
 */
export class HallAir {
  readonly #hall: Hall;
  readonly #startMs: number;
  readonly #key: number;
  #atMs = Number.NaN;
  #ambientC = 0;

  constructor(hall: Hall, startMs: number, key: number) {
    this.#hall = hall;
    this.#startMs = startMs;
    this.#key = key;
  }

  /** The weather's time at this moment of the fleet's. */
  weatherMs(atMs: number): number {
    return (this.#hall.fromMs ?? this.#startMs) + atMs - this.#startMs;
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

  inletTempC(rig: RigIdentity, atMs: number, riseK: number): number {
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
