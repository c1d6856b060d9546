import type { NetworkView } from "@hashwatt/protocol/rates";
import { newest } from "../freshFirst.js";
import type { RateSeries } from "../rateSeries.js";
import { type Slot, slotAt } from "../slot.js";
import { blocksPerPhDay, impliedFeesBtc, networkHashrateHs, subsidyBtc } from "./formula.js";
import { NETWORK_SERIES } from "./network.js";
import { blocksToRetarget, retargetPercent } from "./retarget.js";

const EPOCH_BLOCKS = 2_016;
/** Two epochs of two weeks, and as much again: blocks may come slowly. */
const BACK_MS = 60 * 86_400_000;

/** What is known of the network now, and what follows from it; undefined where its difficulty or height is not known. */
export function networkView(
  series: Pick<RateSeries, "slots" | "names">,
  nowMs: number,
): NetworkView | undefined {
  const now = { fromMs: nowMs, toMs: nowMs + 1 };
  const at = (name: string): Slot | undefined => slotAt(series.slots(name, now), nowMs);
  const [difficulty, height] = [at(NETWORK_SERIES.difficulty), at(NETWORK_SERIES.height)];
  if (!difficulty || !height) return undefined;
  const [fees, usd] = [at(NETWORK_SERIES.fees), at("btc/USD")];
  // Of several quotes the newest: one whose source has died still stands there.
  const quote = slotAt(newest(series.names("hashprice/").map((name) => series.slots(name, now))), nowMs);
  const subsidy = subsidyBtc(height.value);
  return {
    difficulty: difficulty.value,
    height: height.value,
    hashrateHs: networkHashrateHs(difficulty.value),
    subsidyBtc: subsidy,
    feesBtc: fees?.value ?? null,
    blocksPerPhDay: blocksPerPhDay(difficulty.value),
    impliedFeesBtc: quote && usd ? impliedFeesBtc(quote.value, difficulty.value, subsidy, usd.value) : null,
    blocksToRetarget: blocksToRetarget(height.value),
    retargetPercent: estimate(series, difficulty, height),
    asOfMs:
      difficulty.asOfMs === null || height.asOfMs === null
        ? null
        : Math.min(difficulty.asOfMs, height.asOfMs),
  };
}

/** The change that blocks so far make likely; null where it is not known when the epoch began. */
function estimate(series: Pick<RateSeries, "slots">, difficulty: Slot, height: Slot): number | null {
  const { startMs } = difficulty;
  const before = series.slots(NETWORK_SERIES.difficulty, { fromMs: startMs - BACK_MS, toMs: startMs });
  // A difficulty that nobody saw change may have held before: its slot does not begin with the epoch.
  if (before.at(-1)?.endMs !== startMs || before.at(-1)?.value === difficulty.value) return null;
  const elapsedS = (height.startMs - startMs) / 1_000;
  const blocks = height.value % EPOCH_BLOCKS;
  return elapsedS > 0 && blocks > 0 ? retargetPercent({ blocks, elapsedS }) : null;
}
