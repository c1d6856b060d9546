import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { scan } from "./discovery/scan.js";
import { expandRanges } from "./discovery/targets.js";
import type { Fleet, RigTarget } from "./watchFleet.js";

/** A range to look for rigs in. */
export interface WatchedRange extends Omit<RigTarget, "address"> {
  range: string;
}

/** When everything comes up after a power cut, this program is there before the rigs are. */
const FIRST_WAIT_MS = 15_000;

/** What looking needs. */
export interface Looking {
  fleet: Pick<Fleet, "add" | "has">;
  clock: Clock;
  log: Logger;
}

/**
 * Looks for rigs in the ranges now, after 15 s, after twice that and so on until it is every `everyMs`, and has the fleet watch what answers. What is watched already is not
 * disturbed, and goes on being watched when it falls silent. Resolves with the end of `signal`.
 */
export async function watchRanges(
  ranges: readonly WatchedRange[],
  options: { exclude: readonly string[]; everyMs: number },
  { fleet, clock, log }: Looking,
  signal: AbortSignal,
): Promise<void> {
  let lastFound: string | undefined;
  let waitMs = FIRST_WAIT_MS;
  while (ranges.length && !signal.aborted) {
    let tried = 0;
    let added = 0;
    for (const { range, ...target } of ranges) {
      const { port } = target;
      const unknown = expandRanges([range], options.exclude).filter((address) => !fleet.has(address, port));
      tried += unknown.length;
      const watch = (address: string) => {
        if (fleet.add({ ...target, address })) added++;
      };
      await scan(unknown, { port }, watch, clock, signal);
      if (signal.aborted) return;
    }
    // Scans that find what the last one found are no news.
    const found = `${tried} ${added}`;
    if (added || found !== lastFound) log.info({ tried, added }, "ranges scanned");
    lastFound = found;
    await clock.sleep(Math.min(waitMs, options.everyMs), signal).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, options.everyMs);
  }
}
