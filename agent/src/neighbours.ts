import { readFile } from "node:fs/promises";
import type { Clock } from "@hashwatt/protocol/time";
import { readMac } from "./dialects/cgminerParts.js";

/** The host's neighbour table, for rigs that do not tell their MAC. It knows none behind a router. */
export interface Neighbours {
  /** MAC of an IPv4 address as the table had it when read last; undefined when it is not in it. Starts a refresh at most once a minute. */
  macOf(address: string): string | undefined;
  /** Reads the table now. */
  refresh(): Promise<void>;
}

const REFRESH_MS = 60_000;
const TABLE = "/proc/net/arp";
/** Flag of an entry that was confirmed. */
const COMPLETE = 0x2;

/** Reads the lines of Linux's `/proc/net/arp`: address, type, flags, MAC. Entries that are incomplete or zero are left out. */
export function parseNeighbours(table: string): Map<string, string> {
  const macs = new Map<string, string>();
  for (const line of table.split("\n").slice(1)) {
    const [address, , flags, hex] = line.trim().split(/\s+/);
    const mac = readMac(hex);
    if (address && mac && Number(flags) & COMPLETE) macs.set(address, mac);
  }
  return macs;
}

/** Opens the neighbour table; where the system has none at `path`, every MAC is unknown. */
export function openNeighbours(clock: Clock, path = TABLE): Neighbours {
  let macs = new Map<string, string>();
  let readMs = Number.NEGATIVE_INFINITY;
  const refresh = async () => {
    readMs = clock.monoMs();
    try {
      macs = parseNeighbours(await readFile(path, "utf8"));
    } catch {
      // Not Linux, or not to be read here: MACs are then what the rigs tell.
      macs = new Map();
    }
  };
  return {
    macOf(address) {
      if (clock.monoMs() - readMs >= REFRESH_MS) void refresh();
      return macs.get(address);
    },
    refresh,
  };
}
