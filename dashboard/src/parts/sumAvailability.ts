import type { Availability } from "@hashwatt/protocol/availability";

const PARTS = ["rangeMs", "upMs", "downMs", "plannedMs", "unknownMs", "standingMs"] as const;

/** The time of several together; the share is that of the sums, never a mean of shares. */
export function sumAvailability(all: readonly Availability[]): Availability {
  const sum = { rangeMs: 0, upMs: 0, downMs: 0, plannedMs: 0, unknownMs: 0, standingMs: 0 };
  for (const each of all) for (const part of PARTS) sum[part] += each[part];
  const judgedMs = sum.upMs + sum.downMs;
  return { ...sum, ratio: judgedMs > 0 ? sum.upMs / judgedMs : null };
}
