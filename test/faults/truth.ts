import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseRecords } from "@hashwatt/agent/spool/record";
import type { Sample } from "@hashwatt/protocol/sample";
import { numberOf } from "./numberedFleet.js";

/** Where a reading was spooled: of which stream, in which batch. */
export interface Spooled {
  stream: string;
  seq: number;
}

/** Everything that an agent ever wrote to its disk: what must be in the store at the end. */
export interface Keeper {
  /** Takes note of what is on the disk; to be called before something is damaged. */
  note(): void;
  /** What is whole on the disk now, and what was before and is not any more; by the number of the reading. */
  spooled(): { whole: Map<number, Spooled>; damaged: Map<number, Spooled> };
  close(): void;
}

/**
 * Keeps the segments of an agent's spool by giving each a second name on the same disk, so that they outlive being unlinked,
 * and so that damage done to one is seen here as the agent sees it.
 */
export function keepSegments(agentDataDir: string): Keeper {
  const spool = join(agentDataDir, "spool");
  const folder = join(agentDataDir, "kept");
  const seen = new Map<number, Spooled>();
  const keep = () => {
    if (!existsSync(spool)) return;
    try {
      mkdirSync(folder, { recursive: true });
      for (const name of readdirSync(spool)) {
        if (!name.endsWith(".seg")) continue;
        const kept = join(folder, `${statSync(join(spool, name)).ino}.seg`);
        if (!existsSync(kept)) linkSync(join(spool, name), kept);
      }
    } catch (error) {
      // Unlinked in between, or a disk that takes no name now: the next round tries again.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOSPC" && code !== "EROFS" && code !== "EEXIST") throw error;
    }
  };
  const timer = setInterval(keep, 5);
  const whole = (): Map<number, Spooled> => {
    keep();
    const all = new Map<number, Spooled>();
    if (!existsSync(folder)) return all;
    for (const name of readdirSync(folder))
      for (const [number, where] of readingsOf(readFileSync(join(folder, name)))) all.set(number, where);
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
    close: () => clearInterval(timer),
  };
}

/** Readings of a segment's undamaged records. */
function* readingsOf(segment: Buffer): Generator<[number, Spooled]> {
  for (const { record, damaged } of parseRecords(segment, true).found) {
    if (damaged) continue;
    const json = (record.gzip ? gunzipSync(record.body) : record.body).toString();
    const batch = JSON.parse(`{${json}`) as { samples: Sample[] };
    for (const { hashrateThs } of batch.samples)
      if (hashrateThs !== undefined)
        yield [numberOf(hashrateThs), { stream: record.stream, seq: record.seq }];
  }
}

/** A reading as a store holds it. */
export interface Stored {
  number: number;
  /** The time it is stored under, and when it arrived; epoch ms. */
  atMs: number;
  receivedMs: number;
}

/** What a comparison found. */
export interface Comparison {
  spooled: number;
  stored: number;
  /** Spooled, and neither stored nor kept apart, nor stored once and then gone with a damaged store. */
  lost: number[];
  /** Stored more often than once. */
  double: number[];
  /** Were stored, and went with the end of a damaged log. */
  lostByStore: number;
  /** Readings of records that were damaged on the agent's disk, and how many of them had not been sent before. */
  damaged: number;
  damagedUnsent: number;
  /** Kept apart by the server since their time cannot be true. */
  keptApart: number;
  /** Stored more than ten seconds after the rig's answer. */
  late: number;
  /** Stored under a time that is more than two seconds from the rig's answer. */
  mistimed: number;
}

/** What a comparison goes by. */
export interface Evidence {
  /** What lies whole in the agents' spools, and what was damaged there. */
  spooled: ReadonlyMap<number, Spooled>;
  damaged: ReadonlyMap<number, Spooled>;
  stored: readonly Stored[];
  keptApart: ReadonlySet<number>;
  /** What was stored before the store itself was damaged. */
  heldBeforeDamage: ReadonlySet<number>;
  /** When a rig gave an answer. */
  answeredMs(number: number): number | undefined;
}

const LATE_MS = 10_000;
const MISTIMED_MS = 2_000;

/** Compares what was spooled with what is stored. */
export function compare(evidence: Evidence): Comparison {
  const { spooled, damaged, stored, keptApart, heldBeforeDamage, answeredMs } = evidence;
  const times = new Map<number, number>();
  let late = 0;
  let mistimed = 0;
  for (const { number, atMs, receivedMs } of stored) {
    times.set(number, (times.get(number) ?? 0) + 1);
    const trueMs = answeredMs(number);
    if (trueMs === undefined) continue;
    if (receivedMs - trueMs > LATE_MS) late++;
    if (Math.abs(atMs - trueMs) > MISTIMED_MS) mistimed++;
  }
  const missing = [...spooled.keys()].filter((number) => !times.has(number) && !keptApart.has(number));
  return {
    spooled: spooled.size,
    stored: stored.length,
    lost: missing.filter((number) => !heldBeforeDamage.has(number)),
    double: [...times].filter(([, n]) => n > 1).map(([number]) => number),
    lostByStore: missing.filter((number) => heldBeforeDamage.has(number)).length,
    damaged: damaged.size,
    damagedUnsent: [...damaged.keys()].filter((number) => !times.has(number)).length,
    keptApart: keptApart.size,
    late,
    mistimed,
  };
}
