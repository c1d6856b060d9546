import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import { jitter } from "./floors/replies.js";

/** A value that wanders about `centre` by at most `spread`, in steps of `10^-digits`. */
const about = (centre: number, spread: number, digits: number, n: number, k: number, salt: number): number =>
  Number(
    (centre + spread * (0.6 * jitter(n, k >> 4, salt) + 0.4 * jitter(n, k, salt + 500))).toFixed(digits),
  );

/** Handle of rig `n`, as an agent would make it of an address. */
export const handleOf = (n: number): string => `127-${1 + (n >> 16)}-${(n >> 8) & 255}-${n & 255}-4028`;

/**
 * Reading `k` of rig `n` with twelve scalars: hashrate live and average, power and its limit, inlet, board and chip
 * temperature, one fan, accepted, rejected, uptime, duration of the poll.
 */
export function scalarSample(n: number, k: number, atMs: number, intervalMs: number): Sample {
  return {
    rig: handleOf(n),
    atMs,
    intervalMs,
    status: "mining",
    algo: "sha256",
    hashrateThs: about(110, 2.5, 5, n, k, 1),
    hashrateAvgThs: about(110, 0.3, 5, n, k >> 4, 2),
    powerW: about(3_250, 40, 0, n, k, 3),
    powerSource: "firmware",
    powerLimitW: 3_400,
    inletTempC: about(27 + (n % 5), 1.5, 1, n, k >> 3, 4),
    boardTempC: about(64 + (n % 7), 3, 0, n, k >> 1, 5),
    chipTempC: about(72 + (n % 7), 3, 0, n, k >> 1, 6),
    fansRpm: [10 * Math.round(about(550, 12, 0, n, k, 7))],
    shares: { accepted: 4_000 + n + (k >> 1), rejected: 3 + (k >> 9) },
    uptimeS: 50_000 + n + Math.floor((k * intervalMs) / 1_000),
    pollMs: about(120, 60, 0, n, k, 8),
  };
}

/** As {@link scalarSample}, with all that a full reading carries: three boards, four fans, share difficulties, the pool. */
export function fullSample(n: number, k: number, atMs: number, intervalMs: number): Sample {
  const scalar = scalarSample(n, k, atMs, intervalMs);
  const accepted = scalar.shares!.accepted!;
  return {
    ...scalar,
    hashrateWindowS: 5,
    fansRpm: [0, 1, 2, 3].map((fan) => 10 * Math.round(about(550, 12, 0, n, k, 20 + fan))),
    boards: [1, 2, 3].map((slot) => ({
      slot,
      hashrateThs: about(36.7, 0.9, 5, n, k, 30 + slot),
      boardTempC: about(62 + slot, 3, 0, n, k >> 1, 40 + slot),
      chipTempC: about(70 + slot, 3, 0, n, k >> 1, 50 + slot),
      chips: 114,
      chipsExpected: 114,
      hwErrors: 180 + slot + (k >> 5),
      frequencyMHz: 525,
    })),
    shares: { accepted, rejected: 11, stale: 1, acceptedDiff: accepted * 524_288, rejectedDiff: 2_490_368 },
    pool: "stratum+tcp://pool0.example.com:3333",
  };
}

/** What identifies rig `n`. */
export const evidenceOf = (n: number): Evidence => ({
  address: `127.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`,
  port: 4028,
  mac: `02:00:${[24, 16, 8, 0].map((s) => ((n >>> s) & 255).toString(16).padStart(2, "0")).join(":")}`,
  make: "MicroBT",
  model: "Whatsminer M50S",
  firmware: "20230803.11.REL",
  dialect: "whatsminer-v2",
  algo: "sha256",
  nominalThs: 110,
});
