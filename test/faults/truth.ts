import { join } from "node:path";
import { batchesIn, type KeptBatch, keepSegments as keep } from "../support/keptSegments.js";
import { numberOf } from "./numberedFleet.js";

/** Where a reading was spooled, and as what. */
export interface Spooled {
  stream: string;
  seq: number;
  agent: string;
  /** Handle of the rig: the same for every agent that polls its address. */
  rig: string;
  /** The stamp that it was spooled with, epoch ms. */
  atMs: number;
}

/** What an agent wrote to its disk: what must be in the store at the end. */
export interface Keeper {
  /** Takes a copy of what is on the disk; to be called before something is damaged. */
  note(): void;
  /**
   * Compares the disk with the copy, byte by byte; to be called before the agent sees what was damaged. Of the records of the copy
   * those are damaged that lie where bytes are others or gone, whatever the agent makes of the rest.
   */
  noteDamage(): void;
  /** What must be stored, and what was damaged; by the number of the reading. */
  spooled(): { whole: Map<number, Spooled>; damaged: Map<number, Spooled> };
  close(): void;
}

/** Keeps the segments of an agent's spool under `kept` in its data folder. */
export function keepSegments(agentDataDir: string, agent: string): Keeper {
  const kept = keep(agentDataDir, join(agentDataDir, "kept"));
  let before = new Map<string, Buffer>();
  /** What no damage has met, and what one has. */
  const untouched = new Map<number, Spooled>();
  const hit = new Map<number, Spooled>();
  const readingsOf = ({ stream, seq, samples }: KeptBatch): [number, Spooled][] =>
    samples.flatMap(({ rig, atMs, hashrateThs }) =>
      hashrateThs === undefined ? [] : [[numberOf(hashrateThs), { stream, seq, agent, rig, atMs }]],
    );
  return {
    note() {
      before = kept.contents();
    },
    noteDamage() {
      const now = kept.contents();
      for (const [name, bytes] of before)
        for (const batch of batchesIn(bytes)) {
          const [from, to] = [batch.offset, batch.offset + batch.length];
          const isUntouched = now.get(name)?.subarray(from, to).equals(bytes.subarray(from, to)) === true;
          for (const [number, where] of readingsOf(batch)) {
            (isUntouched ? untouched : hit).set(number, where);
            if (!isUntouched) untouched.delete(number);
          }
        }
      before.clear();
    },
    spooled() {
      const whole = new Map([...untouched, ...[...kept.batches()].flatMap(readingsOf)]);
      return { whole, damaged: new Map([...hit].filter(([number]) => !whole.has(number))) };
    },
    close: () => kept.close(),
  };
}
