import { BOUNDS } from "@hashwatt/protocol/sample";
import { readNumber } from "../replies/readNumber.js";

const inside = (value: number | undefined, low: number, high: number): number | undefined =>
  value !== undefined && value >= low && value <= high ? value : undefined;

/** °C inside the bounds of a sample. Exactly 0 is what a dead or absent sensor sends, so it is no reading either. */
export function boundedTempC(value: unknown): number | undefined {
  const tempC = inside(readNumber(value), BOUNDS.tempC[0], BOUNDS.tempC[1]);
  return tempC === 0 ? undefined : tempC;
}

/** rpm inside the bounds of a sample; 0 is a fan that stands. */
export const boundedRpm = (value: unknown): number | undefined =>
  inside(readNumber(value), BOUNDS.fanRpm[0], BOUNDS.fanRpm[1]);

/** W inside the bounds of a sample. */
export const boundedPowerW = (value: unknown): number | undefined =>
  inside(readNumber(value), BOUNDS.powerW[0], BOUNDS.powerW[1]);

/** ms on the way to a pool and back, whole; 0 is one that was not measured. */
export function boundedLatencyMs(value: unknown): number | undefined {
  const ms = inside(readNumber(value), 0, 600_000);
  return ms ? Math.round(ms) : undefined;
}

/** A counter inside the bounds of a sample. */
export const boundedCount = (value: unknown): number | undefined =>
  inside(readNumber(value), BOUNDS.count[0], BOUNDS.count[1]);

/** Seconds up to 300 years. */
export const boundedSeconds = (value: unknown): number | undefined => inside(readNumber(value), 0, 1e10);

/** MHz that a chip can have; 0 is not reported. */
export function boundedMHz(value: unknown): number | undefined {
  const mhz = inside(readNumber(value), 0, 10_000);
  return mhz === 0 ? undefined : mhz;
}

/** V that a board can have; 0 is not reported. */
export function boundedV(value: unknown): number | undefined {
  const volts = inside(readNumber(value), 0, 1_000);
  return volts === 0 ? undefined : volts;
}

/**
 * TH/s inside the bounds of a sample, and at most three times `nominalThs` where that is known: a unit that is wrong by a
 * thousand is no measurement. Rounded to 1 MH/s, which is below every firmware's own noise, and to 1 kH/s for what hashes less
 * than 10 GH/s: other algorithms, and sticks.
 */
export function boundedThs(ths: number | undefined, nominalThs: number | undefined): number | undefined {
  const high = nominalThs ? Math.min(BOUNDS.hashrateThs[1], 3 * nominalThs) : BOUNDS.hashrateThs[1];
  const bounded = inside(ths, BOUNDS.hashrateThs[0], high);
  if (bounded === undefined) return undefined;
  const scale = bounded < 0.01 ? 1e9 : 1e6;
  return Math.round(bounded * scale) / scale;
}

/**
 * Whether a hashrate is likely in another unit than its dialect reads it in: outside 0.2 to 3 times what the rig is rated for,
 * and inside when multiplied or divided by a thousand or a million. It is told, never rescaled. `ths` as read, before
 * {@link boundedThs} takes out what cannot be. True or undefined, as a reading wants it.
 */
export function isUnitSuspect(ths: number | undefined, nominalThs: number | undefined): true | undefined {
  if (!ths || !nominalThs) return undefined;
  const ratio = ths / nominalThs;
  const likely = (share: number) => share >= 0.2 && share <= 3;
  if (likely(ratio)) return undefined;
  return [1e-6, 1e-3, 1e3, 1e6].some((factor) => likely(ratio * factor)) ? true : undefined;
}
