import { readFileSync } from "node:fs";

/** Files, spool, broker and log, with room for what Node holds itself. */
const OWN = 128;

/** How many files a process may have open, from Linux's `/proc/self/limits`; undefined where it is not said or has no bound. */
export function descriptorLimit(limits: string | undefined): number | undefined {
  const found = /^Max open files\s+(\d+)/m.exec(limits ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The limits of this process; undefined where the system does not tell. */
export function readLimits(path = "/proc/self/limits"): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not Linux: there the default is far beyond what is needed, or a poll says that it is not.
    return undefined;
  }
}

/**
 * Polls that may be under way at a time beside a scan of `scanned` connections, so that none fails for want of a descriptor:
 * `wanted`, or fewer. Polls that hang may hold as many sockets again.
 */
export const pollsFor = (limit: number | undefined, wanted: number, scanned: number): number =>
  limit === undefined ? wanted : Math.min(wanted, Math.max(16, Math.floor((limit - OWN - scanned) / 2)));
