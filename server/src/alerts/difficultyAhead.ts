import type { RateSeries } from "../rates/rateSeries.js";
import type { MarketFacts } from "./facts.js";

/** Blocks between two changes of the difficulty, and the time that they should take (Bitcoin's consensus rules). */
const EPOCH_BLOCKS = 2_016;
const BLOCK_MS = 600_000;
/** The difficulty changes by no more than this factor at once. */
const MOST = 4;
/** Before so many blocks of an epoch its pace is chance. */
const LEAST_BLOCKS = 288;
/** So far back the beginning of an epoch is looked for. */
export const EPOCH_MS = 2 * EPOCH_BLOCKS * BLOCK_MS;

/** By what factor the next difficulty is expected to differ, by the pace of blocks since the last change; undefined where too little is known. */
export function difficultyAhead(
  series: Pick<RateSeries, "slots" | "last">,
  nowMs: number,
): MarketFacts["nextDifficulty"] {
  const now = series.last("network/height");
  if (!now) return undefined;
  const first = Math.floor(now.value / EPOCH_BLOCKS) * EPOCH_BLOCKS;
  const begun = series
    .slots("network/height", { fromMs: nowMs - EPOCH_MS, toMs: nowMs })
    .find(({ value }) => value >= first);
  if (!begun) return undefined;
  const blocks = now.value - begun.value;
  const tookMs = now.startMs - begun.startMs;
  if (blocks < LEAST_BLOCKS || tookMs <= 0) return undefined;
  const ratio = Math.min(MOST, Math.max(1 / MOST, (blocks * BLOCK_MS) / tookMs));
  return {
    ratio,
    blocks: first + EPOCH_BLOCKS - now.value,
    source: `pace of the last ${blocks} blocks, ${now.source}`,
  };
}
