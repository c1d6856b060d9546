import { significant } from "../rollup/means.js";

type Maybe = number | null | undefined;
const scaled = (factor: number) => (value: Maybe) =>
  value === undefined || value === null ? undefined : significant(value * factor);

/** Prometheus counts in base units: what the wire has in TH/s is hashes per second there. */
export const hashesPerSecond = scaled(1e12);
/** Joules per hash, of J/TH. */
export const joulesPerHash = scaled(1e-12);
/** Currency units per second, of an amount per hour. */
export const perSecond = scaled(1 / 3_600);
/** Grams per second, of kg per hour. */
export const gramsPerSecond = scaled(1_000 / 3_600);
/** Seconds, of ms. */
export const seconds = (ms: Maybe): number | undefined =>
  ms === undefined || ms === null ? undefined : ms / 1_000;
