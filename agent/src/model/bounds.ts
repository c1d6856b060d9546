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

/**
 * TH/s inside the bounds of a sample, and at most three times `nominalThs` where that is known: a unit that is wrong by a
 * thousand is no measurement. Rounded to 1 MH/s, which is below every firmware's own noise.
 */
export function boundedThs(ths: number | undefined, nominalThs: number | undefined): number | undefined {
  const high = nominalThs ? Math.min(BOUNDS.hashrateThs[1], 3 * nominalThs) : BOUNDS.hashrateThs[1];
  const bounded = inside(ths, BOUNDS.hashrateThs[0], high);
  return bounded === undefined ? undefined : Math.round(bounded * 1e6) / 1e6;
}
