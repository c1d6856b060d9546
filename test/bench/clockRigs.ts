/** Hashrate of 100–110 TH/s, in GH/s, that says the time of day in steps of 0.1 ms, modulo 100 s. */
export const ghsOfTime = (epochMs: number): number => 100_000 + (Math.round(epochMs * 10) % 1_000_000) / 100;

/** The other way: how long before `epochMs` a rig said this hashrate, ms. */
export function ageMs(hashrateThs: number, epochMs: number): number {
  const tenths = Math.round((hashrateThs * 1000 - 100_000) * 100);
  return ((((epochMs * 10 - tenths) % 1_000_000) + 1_000_000) % 1_000_000) / 10;
}

/** Now, finer than `Date.now` tells it. */
export const preciseNowMs = (): number => performance.timeOrigin + performance.now();
