import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseRecords } from "@hashwatt/agent/spool/record";
import type { Evidence, Sample } from "@hashwatt/protocol/sample";
import type { Reading } from "./testStore.js";

/**
 * Keeps everything that an agent ever spools: each segment gets a second name in a folder of the test, so that its bytes
 * outlive the agent's unlinking. This is the ground truth that a store is compared with.
 */
export interface SpoolKeeper {
  /** Readings of all undamaged records so far. */
  readings(): Set<Reading>;
  close(): void;
}

/** Watches the spool folder of an agent's data folder. */
export function keepSpool(agentDataDir: string, keepFolder: string): SpoolKeeper {
  const spool = join(agentDataDir, "spool");
  mkdirSync(keepFolder, { recursive: true });
  const keep = () => {
    if (!existsSync(spool)) return;
    for (const name of readdirSync(spool)) {
      if (!name.endsWith(".seg")) continue;
      try {
        // By inode: an agent that starts anew may give a number a second time.
        const kept = join(keepFolder, `${statSync(join(spool, name)).ino}.seg`);
        if (!existsSync(kept)) linkSync(join(spool, name), kept);
      } catch (error) {
        // Gone between the listing and the link; an agent unlinks only what is stored, which the store then shows.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
  };
  const timer = setInterval(keep, 5);
  return {
    readings() {
      keep();
      const all = new Set<Reading>();
      for (const name of readdirSync(keepFolder))
        for (const { record, damaged } of parseRecords(readFileSync(join(keepFolder, name)), true).found) {
          if (damaged) continue;
          const json = (record.gzip ? gunzipSync(record.body) : record.body).toString();
          const batch = JSON.parse(`{${json}`) as { samples: Sample[]; rigs?: Record<string, Evidence> };
          for (const sample of batch.samples) all.add(`${sample.rig} ${sample.atMs}`);
        }
      return all;
    },
    close: () => clearInterval(timer),
  };
}
