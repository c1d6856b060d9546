import type { MeterView } from "@hashwatt/protocol/meters";
import { BOUNDS } from "@hashwatt/protocol/sample";
import { isRegister, type MeterConfig, settingsOf } from "../config/meters.js";
import { canonical, figureIn, MAX_METER_BYTES } from "./figure.js";
import { type Register, takeFigure } from "./register.js";

/** A site of more would have a power station of its own. */
const MOST_SITE_W = 2e9;
const MS_PER_H = 3_600_000;

/** One meter of the config and what it said last. A figure stands for `staleMs` from its arrival, and is unknown then. */
export class Meter {
  readonly config: MeterConfig;
  readonly staleMs: number;
  /** Rigs behind it, as far as they are known. */
  readonly rigs = new Set<number>();
  readonly #path: string | undefined;
  readonly #unit: ReturnType<typeof settingsOf>["unit"];
  readonly #multiplier: number;
  #value: number | undefined;
  #atMs: number | undefined;
  #register: Register | undefined;
  #problem: string | undefined;

  constructor(config: MeterConfig) {
    this.config = config;
    const { path, unit, multiplier, staleMs } = settingsOf(config);
    this.#path = path;
    this.#unit = unit;
    this.#multiplier = multiplier;
    this.staleMs = staleMs;
  }

  get name(): string {
    return this.config.meter;
  }

  /** Unit of {@link valueAt}. */
  get unit(): MeterView["unit"] {
    if (this.#unit === "C" || this.#unit === "F") return "°C";
    return this.#unit === "ratio" || this.#unit === "percent" ? "ratio" : "W";
  }

  /** Arrival of the latest figure; undefined before the first. */
  get atMs(): number | undefined {
    return this.#atMs;
  }

  get register(): Register | undefined {
    return this.#register;
  }

  /** The figure that stands at `nowMs`; undefined when there is none, or it is too old. */
  valueAt(nowMs: number): number | undefined {
    return this.#atMs !== undefined && nowMs - this.#atMs <= this.staleMs ? this.#value : undefined;
  }

  /** Why there is no figure, in a line for the operator. */
  problemAt(nowMs: number): string | undefined {
    if (this.#problem !== undefined) return this.#problem;
    if (this.#atMs === undefined) return `nothing has come on ${this.config.topic} yet`;
    if (nowMs - this.#atMs > this.staleMs)
      return `nothing has come on ${this.config.topic} for ${Math.round((nowMs - this.#atMs) / 1_000)} s`;
    if (this.#value === undefined) return "its register has to be followed for a while first";
    return undefined;
  }

  /** Takes a message. Returns what is wrong with it, for the count of refusals; the figure before stays until it is too old. */
  take(payload: Buffer, nowMs: number): string | undefined {
    const figure = figureIn(payload, this.#path);
    if (figure === undefined) {
      // Some devices send other messages on the same topic: only one that never had a figure has a wrong path.
      if (this.#atMs === undefined)
        this.#problem = `what comes on its topic has no number${this.#path === undefined ? "" : ` at ${this.#path}`}: check topic, preset and path`;
      return payload.length > MAX_METER_BYTES ? "message is too long" : "no number in the message";
    }
    const value = isRegister(this.#unit)
      ? this.#counted(figure, nowMs)
      : canonical(figure, this.#unit, this.#multiplier);
    const wrong = value === undefined ? undefined : this.#beyond(value);
    if (wrong !== undefined) {
      this.#problem = wrong;
      this.#value = undefined;
      this.#atMs = nowMs;
      return wrong;
    }
    this.#problem = undefined;
    this.#value = value;
    this.#atMs = nowMs;
    return undefined;
  }

  #counted(figure: number, nowMs: number): number | undefined {
    const kwhOfOne = canonical(1, this.#unit, this.#multiplier);
    this.#register = takeFigure(this.#register, figure, nowMs, {
      rollsOverAt: this.config.rollsOverAt,
      staleMs: this.staleMs,
      most: this.#mostW() / 1_000 / MS_PER_H / kwhOfOne,
    });
    const { rate } = this.#register;
    return rate === undefined ? undefined : rate * kwhOfOne * MS_PER_H * 1_000;
  }

  #mostW(): number {
    const [, most] = BOUNDS.powerW;
    const { at } = this.config;
    return at === "rig" ? most : MOST_SITE_W;
  }

  #beyond(value: number): string | undefined {
    if (this.unit === "°C")
      return value < BOUNDS.tempC[0] || value > BOUNDS.tempC[1]
        ? `it says ${value} °C, which is no air: check unit and multiplier`
        : undefined;
    if (this.unit === "ratio")
      return value < 0 || value > 1
        ? `it says ${value * 100} % humidity: check unit and multiplier`
        : undefined;
    if (value < 0) return `it says ${value} W: turn its current clamp round, or exchange its in and out`;
    // Bound and unit, not the number of rigs, which grows while they are found.
    const most = this.config.at === "rig" ? BOUNDS.powerW[1] : MOST_SITE_W;
    return value > most ? `it says ${value} W, more than can be: check unit and multiplier` : undefined;
  }
}
