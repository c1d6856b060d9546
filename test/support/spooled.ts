import { keepSegments } from "./keptSegments.js";
import type { Reading } from "./testStore.js";

/** Keeps everything that an agent ever spools: the ground truth that a store is compared with. */
export interface SpoolKeeper {
  /** Readings of all undamaged records so far. */
  readings(): Set<Reading>;
  close(): void;
}

/** Watches the spool folder of an agent's data folder, but for the segments `except`; what is unlinked there stays in `keepFolder`. */
export function keepSpool(
  agentDataDir: string,
  keepFolder: string,
  except: readonly string[] = [],
): SpoolKeeper {
  const kept = keepSegments(agentDataDir, keepFolder, except);
  return {
    readings() {
      const all = new Set<Reading>();
      for (const { samples } of kept.batches())
        for (const { rig, atMs } of samples) all.add(`${rig} ${atMs}`);
      return all;
    },
    close: () => kept.close(),
  };
}
