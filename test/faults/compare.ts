import type { Spooled } from "./truth.js";

/** A reading as a store holds it. */
export interface Stored {
  number: number;
  /** The key of the rig that it is stored under. */
  rig: string;
  /** The time it is stored under, and when it arrived; epoch ms. */
  atMs: number;
  receivedMs: number;
}

/** What a comparison found. */
export interface Comparison {
  spooled: number;
  stored: number;
  /** Spooled and not stored, and none of what follows explains it. */
  lost: number[];
  /** Stored more often than once: in two rows, or in two points of an InfluxDB, which writes over one that is sent again. */
  double: number[];
  /** Stored under a rig that other rigs' readings are stored under too. */
  foreign: number[];
  /** Were stored, and went with a damaged store. */
  lostByStore: number;
  /** Readings of records that were damaged on the agent's disk, and how many of them had not been sent before. */
  damaged: number;
  damagedUnsent: number;
  /** Batches of which no reading is stored, for their record was damaged. */
  batchesDamaged: number;
  /** Kept apart by the server since their time cannot be true. */
  keptApart: number;
  /** In an InfluxDB: two agents read the rig in the same millisecond, and one point holds one reading. */
  overwritten: number;
  /** Rigs of which readings of two agents are stored. */
  rigsOfTwo: number;
  /** Stored, and in no spool that can be read: an agent whose disk takes nothing sends from memory. */
  unspooled: number;
  /** Those of them that were answered while every agent's disk did its work: nothing explains them. */
  unspooledStrange: number[];
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
  /** What was stored before the store itself was damaged, but for what the damage left alone. */
  heldBeforeDamage: ReadonlySet<number>;
  /** Whether the store holds one reading of a rig and millisecond. */
  onePerMs: boolean;
  /** When an agent's disk took nothing, or lost what it had taken; epoch ms. */
  diskTroubles: readonly { startMs: number; endMs: number }[];
  /** When a rig gave an answer. */
  answeredMs(number: number): number | undefined;
}

const LATE_MS = 10_000;
const MISTIMED_MS = 2_000;
/** A reading waits so long at most before it is written. */
const WRITTEN_MS = 2_000;

/** Compares what was spooled with what is stored. */
export function compare(evidence: Evidence): Comparison {
  const { spooled, damaged, stored, keptApart, heldBeforeDamage, diskTroubles, answeredMs } = evidence;
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
  const agents = agentsByPoint(evidence);
  const lost: number[] = [];
  let lostByStore = 0;
  let overwritten = 0;
  for (const [number, where] of spooled) {
    if (times.has(number) || keptApart.has(number)) continue;
    if (heldBeforeDamage.has(number)) lostByStore++;
    else if (isOther(agents.get(`${where.rig} ${where.atMs}`), where.agent)) overwritten++;
    else lost.push(number);
  }
  const unsent = [...damaged].filter(([number]) => !times.has(number));
  const sent = new Set([...damaged].filter(([number]) => times.has(number)).map(([, where]) => batch(where)));
  const batchesDamaged = new Set(unsent.map(([, where]) => batch(where)).filter((each) => !sent.has(each)));
  const unspooled = [...times.keys()].filter((number) => !spooled.has(number) && !damaged.has(number));
  const explains = (answeredAtMs: number) =>
    diskTroubles.some(({ startMs, endMs }) => answeredAtMs > startMs - WRITTEN_MS && answeredAtMs < endMs);
  return {
    spooled: spooled.size,
    stored: stored.length,
    lost,
    double: [...times].filter(([, n]) => n > 1).map(([number]) => number),
    foreign: foreignOf(evidence),
    lostByStore,
    damaged: damaged.size,
    damagedUnsent: unsent.length,
    batchesDamaged: batchesDamaged.size,
    keptApart: keptApart.size,
    overwritten,
    rigsOfTwo: rigsOfTwo(evidence),
    unspooled: unspooled.length,
    unspooledStrange: unspooled.filter((number) => !explains(answeredMs(number) ?? Number.NaN)),
    late,
    mistimed,
  };
}

/** How many rigs were read by two agents whose readings came as far as the store. */
function rigsOfTwo({ stored, spooled }: Evidence): number {
  const agents = new Map<string, Set<string>>();
  for (const { number } of stored) {
    const where = spooled.get(number);
    if (where) agents.set(where.rig, (agents.get(where.rig) ?? new Set()).add(where.agent));
  }
  return [...agents.values()].filter(({ size }) => size > 1).length;
}

const batch = ({ stream, seq }: Spooled): string => `${stream} ${seq}`;

/** Whose reading stands at a rig's millisecond, where there is room for one. */
function agentsByPoint({ onePerMs, stored, spooled }: Evidence): Map<string, string> {
  const agents = new Map<string, string>();
  if (!onePerMs) return agents;
  for (const { number, atMs } of stored) {
    const where = spooled.get(number);
    if (where) agents.set(`${where.rig} ${atMs}`, where.agent);
  }
  return agents;
}

const isOther = (stands: string | undefined, agent: string): boolean =>
  stands !== undefined && stands !== agent;

/** Readings under a key that mostly holds those of another rig. */
function foreignOf({ stored, spooled }: Evidence): number[] {
  const byKey = new Map<string, Map<string, number[]>>();
  for (const { number, rig } of stored) {
    const handle = spooled.get(number)?.rig;
    if (handle === undefined) continue;
    const handles = byKey.get(rig) ?? new Map<string, number[]>();
    byKey.set(rig, handles.set(handle, handles.get(handle) ?? []));
    handles.get(handle)!.push(number);
  }
  return [...byKey.values()].flatMap((handles) =>
    [...handles.values()]
      .sort((a, b) => b.length - a.length)
      .slice(1)
      .flat(),
  );
}
