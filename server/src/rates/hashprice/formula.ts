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
