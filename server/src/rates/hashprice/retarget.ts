const EPOCH_BLOCKS = 2_016;
const BLOCK_S = 600;
/** Blocks before the end of the last epoch from which on an early estimate is helped out. */
const EARLY_BLOCKS = 504;

/** Where the network is within an epoch of difficulty. */
export interface EpochProgress {
  /** Blocks since the last retarget: height modulo 2016. */
  blocks: number;
  /** Since then, s. */
  elapsedS: number;
  /** From the 504th block before the last retarget until it, s, and by how much that changed the difficulty, percent. */
  before?: { elapsedS: number; changePercent: number };
}

/**
 * By how many percent the difficulty would change if blocks went on coming as they do: within the protocol's bounds of −75 and +300.
 * Early in an epoch, while a few blocks are chance, the end of the last one counts too, as if it had been mined at the difficulty of now.
 */
export function retargetPercent({ blocks, elapsedS, before }: EpochProgress): number {
  const estimate =
    blocks < EARLY_BLOCKS - 1 && before
      ? BLOCK_S / ((elapsedS + before.elapsedS * (1 + before.changePercent / 100)) / EARLY_BLOCKS)
      : BLOCK_S / (elapsedS / (blocks + 1));
  return Math.min(300, Math.max(-75, (estimate - 1) * 100));
}

/** Blocks until the next retarget. */
export const blocksToRetarget = (height: number): number => EPOCH_BLOCKS - (height % EPOCH_BLOCKS);
