/** What of a batch the ack rules look at. `lost`: the agent could not read the record, the batch is empty. */
export interface Arriving {
  stream: string;
  seq: number;
  first: number;
  lost?: "damaged";
}

/**
 * What becomes of a batch. `accept`: take it, `lost` batches before (and with) it are gone for ever, `resumed` tells that the
 * stream is unknown and that its start was not seen. `ack`: a duplicate, all up to there is stored.
 * `rewind`: drop it, the stream goes on after there.
 */
export type Verdict =
  | { accept: true; lost: number; resumed?: boolean }
  | { accept?: undefined; ack: number }
  | { accept?: undefined; ack?: undefined; rewind: number };

/**
 * The ack rule, whole and pure: accepted is `stored + 1`, or `first` where the agent holds nothing older. An unknown stream
 * starts at its `first`: what came before was acknowledged to somebody else, which is no loss.
 */
export function decide(mark: { seq: number } | undefined, batch: Arriving): Verdict {
  const damaged = batch.lost ? 1 : 0;
  if (!mark) {
    if (batch.seq !== batch.first) return { rewind: 0 };
    return { accept: true, lost: damaged, ...(batch.first > 1 && { resumed: true }) };
  }
  if (batch.seq <= mark.seq) return { ack: mark.seq };
  if (batch.seq === mark.seq + 1) return { accept: true, lost: damaged };
  if (batch.seq === batch.first) return { accept: true, lost: batch.first - mark.seq - 1 + damaged };
  return { rewind: mark.seq };
}
