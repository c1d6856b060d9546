/** What was used and earned over a stretch of time; null = unknown. `cost` in the currency of the site. */
export interface Produced {
  btc: number | null;
  kwh: number | null;
  cost: number | null;
  kgCo2: number | null;
}

/** What one BTC took; null where either side is unknown or nothing was earned. Always of sums, never a mean of such quotients. */
export function perBtc({ btc, kwh, cost, kgCo2 }: Produced): {
  kwhPerBtc: number | null;
  costPerBtc: number | null;
  kgCo2PerBtc: number | null;
} {
  const over = (amount: number | null): number | null =>
    amount === null || btc === null || btc <= 0 ? null : amount / btc;
  return { kwhPerBtc: over(kwh), costPerBtc: over(cost), kgCo2PerBtc: over(kgCo2) };
}
