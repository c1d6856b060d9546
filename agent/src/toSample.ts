import { beginning } from "@hashwatt/protocol/plainText";
import {
  BOUNDS,
  type Board,
  type Evidence,
  evidenceSchema,
  MAX_BOARDS,
  MAX_INTERVAL_MS,
  MAX_NOTES,
  type Pool,
  type Sample,
} from "@hashwatt/protocol/sample";
import { toSlug } from "@hashwatt/protocol/slug";
import type { BoardReading, Reading } from "./reading.js";

/** The port of the cgminer API; a rig on it is named by its address alone. */
export const CGMINER_PORT = 4028;

/** The agent's name for a rig: the slug of its address, and of its port where that is not {@link CGMINER_PORT}. */
export const toHandle = (address: string, port: number): string =>
  toSlug(port === CGMINER_PORT ? address : `${address}-${port}`);

/**
 * The sample of a reading. `atMs` is the time of the rig's answer, `intervalMs` the spacing of its polls from here on,
 * `pollMs` how long it took. What identifies the rig travels as evidence.
 */
export function toSample(
  handle: string,
  reading: Reading,
  atMs: number,
  intervalMs: number,
  pollMs: number | undefined,
): Sample {
  const { boards } = reading;
  const pool = inUse(reading.pools);
  // One literal with every key: leaving some out and spreading the rest costs ten times as much.
  const sample: Every<Sample> = {
    rig: handle,
    atMs,
    intervalMs: Math.min(MAX_INTERVAL_MS, Math.round(intervalMs)),
    pollMs: pollMs === undefined ? undefined : Math.min(600_000, Math.round(pollMs)),
    status: reading.status,
    algo: reading.algo,
    hashrateThs: reading.hashrateThs,
    hashrateWindowS: reading.hashrateWindowS,
    hashrateAvgThs: reading.hashrateAvgThs,
    targetThs: reading.targetThs,
    powerW: reading.powerW,
    powerSource: reading.powerSource,
    powerLimitW: reading.powerLimitW,
    powerMode: reading.powerMode,
    inletTempC: reading.inletTempC,
    outletTempC: reading.outletTempC,
    coolantTempC: reading.coolantTempC,
    psuTempC: reading.psuTempC,
    boardTempC: reading.boardTempC,
    chipTempC: reading.chipTempC,
    boardLimitC: reading.boardLimitC,
    chipLimitC: reading.chipLimitC,
    fansRpm: reading.fansRpm,
    fanDutyRatio: reading.fanDutyRatio,
    boards: boards?.length ? travelling(boards) : undefined,
    shares: reading.shares,
    pool: pool?.url,
    poolLatencyMs: pool?.latencyMs,
    uptimeS: reading.uptimeS,
    faults: reading.faults,
    clock: undefined,
  };
  return sample;
}

/** All keys, so that the compiler names one that is forgotten. */
type Every<T> = { [Key in keyof Required<T>]: T[Key] };

function travelling(boards: readonly BoardReading[]): Board[] {
  const listed: Board[] = [];
  for (let i = 0; i < boards.length && i < MAX_BOARDS; i++) {
    const {
      slot,
      hashrateThs,
      boardTempC,
      chipTempC,
      chips,
      chipsExpected,
      hwErrors,
      frequencyMHz,
      voltageV,
    } = boards[i]!;
    const board: Every<Board> = {
      slot,
      hashrateThs,
      boardTempC,
      chipTempC,
      chips,
      chipsExpected,
      hwErrors,
      frequencyMHz,
      voltageV,
    };
    listed.push(board);
  }
  return listed;
}

/** The pool in use. */
const inUse = (pools: readonly Pool[] | undefined): Pool | undefined => {
  for (const pool of pools ?? []) if (pool.active) return pool;
  return undefined;
};

/** The sample of a rig that did not answer: status and no readings, so that the last value is held no longer. */
export const unreachableSample = (handle: string, atMs: number, intervalMs: number): Sample => ({
  rig: handle,
  atMs,
  intervalMs: Math.min(MAX_INTERVAL_MS, Math.round(intervalMs)),
  status: "unreachable",
});

const TEXTS = ["serial", "hostname", "make", "model", "firmware", "apiVersion", "dialect", "algo"] as const;
/** How long each may be when it travels. */
const LONGEST = Object.fromEntries(
  TEXTS.map((key) => [key, evidenceSchema.shape[key].unwrap().maxLength ?? Number.POSITIVE_INFINITY]),
) as Record<(typeof TEXTS)[number], number>;

/**
 * What identifies a rig, from its reading. `neighbourMac` is what the host's neighbour table says and stands in where the rig
 * does not tell its own.
 */
export function toEvidence(
  address: string,
  port: number,
  reading: Partial<Reading>,
  neighbourMac?: string,
): Evidence {
  const { nominalThs } = reading;
  const evidence: Evidence = { address, port };
  const mac = reading.mac ?? neighbourMac;
  if (mac) evidence.mac = mac;
  for (const key of TEXTS) {
    const value = reading[key];
    // One text that is too long would have the whole description refused.
    if (value) evidence[key] = beginning(value, LONGEST[key]);
  }
  if (nominalThs !== undefined && nominalThs <= BOUNDS.hashrateThs[1]) evidence.nominalThs = nominalThs;
  if (reading.notes?.length) evidence.notes = reading.notes.slice(0, MAX_NOTES);
  const serials = (reading.boards ?? [])
    .filter((board) => board.serial)
    .map((board) => ({ slot: board.slot, serial: board.serial! }));
  if (serials.length) evidence.boardSerials = serials.slice(0, MAX_BOARDS);
  if (reading.pools?.length)
    evidence.pools = reading.pools.map(({ url, user, status, active }) => ({ url, user, status, active }));
  return evidence;
}

/** Whether a reading tells board serials that `evidence` does not; one that tells no boards says nothing against it. */
export function hasNewSerials(evidence: Evidence, boards: readonly BoardReading[] | undefined): boolean {
  if (!boards) return false;
  let i = 0;
  for (const board of boards) {
    if (!board.serial) continue;
    const known = evidence.boardSerials?.[i++];
    if (known?.serial !== board.serial || known.slot !== board.slot) return true;
  }
  return i !== (evidence.boardSerials?.length ?? 0);
}
