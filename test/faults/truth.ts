import { join } from "node:path";
import { keepSegments as keep } from "../support/keptSegments.js";
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
  /** Takes note of what is on the disk; to be called before something is damaged. */
  note(): void;
  /** What is whole on the disk now, and what was before and is not any more; by the number of the reading. */
  spooled(): { whole: Map<number, Spooled>; damaged: Map<number, Spooled> };
  close(): void;
}

/** Keeps the segments of an agent's spool under `kept` in its data folder. */
export function keepSegments(agentDataDir: string, agent: string): Keeper {
  const kept = keep(agentDataDir, join(agentDataDir, "kept"));
  const seen = new Map<number, Spooled>();
  const whole = (): Map<number, Spooled> => {
    const all = new Map<number, Spooled>();
    for (const { stream, seq, samples } of kept.batches())
      for (const { rig, atMs, hashrateThs } of samples)
        if (hashrateThs !== undefined) all.set(numberOf(hashrateThs), { stream, seq, agent, rig, atMs });
    return all;
  };
  return {
    note() {
      for (const [number, where] of whole()) seen.set(number, where);
    },
    spooled() {
      const now = whole();
      return { whole: now, damaged: new Map([...seen].filter(([number]) => !now.has(number))) };
    },
    close: () => kept.close(),
  };
}
