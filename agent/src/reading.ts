import type { Board, Evidence, Pool, Sample, Shares } from "@hashwatt/protocol/sample";

/**
 * A board as the agent reads it: what travels; the serial number, which travels as evidence; and what it is rated for, TH/s,
 * which does not travel, since the rig's rating does.
 */
export interface BoardReading extends Board {
  serial?: string;
  nominalThs?: number;
}

/**
 * What one reading of a rig yields, in canonical units; a key is absent when the rig did not report it. This is what
 * `agent read --json` prints (a public contract: keys may be added, never changed).
 */
export interface Reading
  extends Omit<
      Sample,
      "rig" | "atMs" | "intervalMs" | "pollMs" | "boards" | "shares" | "pool" | "poolLatencyMs" | "clock"
    >,
    Pick<
      Evidence,
      | "make"
      | "model"
      | "firmware"
      | "apiVersion"
      | "dialect"
      | "mac"
      | "serial"
      | "hostname"
      | "nominalThs"
      | "notes"
    > {
  boards?: BoardReading[];
  pools?: Pool[];
  /** Counters of the whole rig, where it reports them beside those of the pools. */
  shares?: Shares;
  /** The hashrate looks like one in another unit: see `isUnitSuspect`. Absent otherwise. */
  unitSuspect?: true;
}
