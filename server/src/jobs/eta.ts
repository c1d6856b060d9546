/** Below this much time nothing is foretold, ms. */
const LEAST_MS = 2_000;

/**
 * When work will have ended if it goes on as it did since `first`, epoch ms; null where that cannot be told: no total, too
 * little done or too little time.
 */
export function etaMs(
  { done, total }: { done: number; total: number | null },
  first: { done: number; atMs: number } | undefined,
  nowMs: number,
): number | null {
  if (total === null || !first) return null;
  const tookMs = nowMs - first.atMs;
  const did = done - first.done;
  if (did <= 0 || tookMs < LEAST_MS) return null;
  return Math.round(nowMs + (Math.max(0, total - done) / did) * tookMs);
}
