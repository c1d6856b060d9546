/**
 * Conversions between what firmwares say and the canonical units of wire and memory: W, TH/s, °C, rpm, epoch ms.
 * Both edges (an agent's `decode`, a dashboard's `format`) convert here, so that a factor stands in one place.
 */

/** MH/s to TH/s. */
export const thsFromMhs = (mhs: number): number => mhs / 1e6;

/** GH/s to TH/s. */
export const thsFromGhs = (ghs: number): number => ghs / 1e3;

/** Efficiency of `powerW` at `hashrateThs` in J/TH; undefined where nothing hashes, since no ratio exists there. */
export const efficiencyJPerTh = (powerW: number, hashrateThs: number): number | undefined =>
  hashrateThs > 0 ? powerW / hashrateThs : undefined;

/** Energy in kWh of a constant power held for `ms`. */
export const kwhFromWMs = (powerW: number, ms: number): number => (powerW * ms) / 3.6e9;

/** Hash work in TH/s-hours of a constant hashrate held for `ms`. */
export const thsHoursFromThsMs = (hashrateThs: number, ms: number): number => (hashrateThs * ms) / 3.6e6;
