const SECONDS_PER_DAY = 86_400;
const HALVING_BLOCKS = 210_000;
const SAT_PER_BTC = 1e8;

/** Block subsidy in satoshi at a height: 50 BTC, halved every 210,000 blocks, 0 from height 6,930,000. */
export function subsidySats(height: number): number {
  const halvings = Math.floor(height / HALVING_BLOCKS);
  // 5e9 >> n works on 32 bits and is wrong; the shift of the consensus rule is a floor.
  return halvings >= 64 ? 0 : Math.floor(5e9 / 2 ** halvings);
}

/** Block subsidy in BTC at a height. */
export const subsidyBtc = (height: number): number => subsidySats(height) / SAT_PER_BTC;

/** Blocks that 1 PH/s is expected to find in a day at a difficulty. */
export const blocksPerPhDay = (difficulty: number): number =>
  (1e15 * SECONDS_PER_DAY) / (difficulty * 2 ** 32);

/** What a hashprice rests on. `feesBtc` are mean fees per block; leave them out where they are not known. */
export interface HashpriceInput {
  difficulty: number;
  subsidyBtc: number;
  feesBtc?: number;
}

/**
 * Expected BTC per PH/s and day: blocks × (subsidy + fees). Without fees it is the subsidy's alone, which lies 0.6–2.8 %
 * below published hashprices (reference/money-and-carbon.md §1.2, §1.4).
 */
export function btcPerPhDay({ difficulty, subsidyBtc: subsidy, feesBtc }: HashpriceInput): number {
  const reward = feesBtc === undefined ? subsidy : subsidy + feesBtc;
  return blocksPerPhDay(difficulty) * reward;
}

/** A price per PH/s and day as a price per TH/s and hour. */
export const perThHour = (perPhDay: number): number => perPhDay / 24_000;

/** Hashes per second at which a network finds a block every 600 s at a difficulty. */
export const networkHashrateHs = (difficulty: number): number => (difficulty * 2 ** 32) / 600;

/** Fees of a block in BTC that a quoted hashprice (fees included) must have been made with; `price` in the quote's currency. */
export const impliedFeesBtc = (quoted: number, difficulty: number, subsidy: number, price: number): number =>
  quoted / (price * blocksPerPhDay(difficulty)) - subsidy;

/** What miners earned over blocks. */
export interface RewardStats {
  blocks: number;
  avgRewardBtc: number;
  avgFeeBtc: number;
  avgSubsidyBtc: number;
  feeShare: number;
}

/** Means of a block from totals in satoshi over blocks `startBlock` to `endBlock`, both included. */
export function rewardStats(
  startBlock: number,
  endBlock: number,
  rewardSats: number,
  feeSats: number,
): RewardStats {
  const blocks = endBlock - startBlock + 1;
  return {
    blocks,
    avgRewardBtc: rewardSats / blocks / SAT_PER_BTC,
    avgFeeBtc: feeSats / blocks / SAT_PER_BTC,
    avgSubsidyBtc: (rewardSats - feeSats) / blocks / SAT_PER_BTC,
    feeShare: feeSats / rewardSats,
  };
}

/** Subsidy in satoshi of all blocks of a range, both ends included. */
export function subsidySatsOver(startBlock: number, endBlock: number): number {
  let sats = 0;
  for (let height = startBlock; height <= endBlock; ) {
    const last = Math.min(endBlock, (Math.floor(height / HALVING_BLOCKS) + 1) * HALVING_BLOCKS - 1);
    sats += subsidySats(height) * (last - height + 1);
    height = last + 1;
  }
  return sats;
}
