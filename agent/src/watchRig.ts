import { isDeepStrictEqual } from "node:util";
import { beginning } from "@hashwatt/protocol/plainText";
import type { Evidence, Note, RigStatus, Sample } from "@hashwatt/protocol/sample";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import { AgentError } from "./agentError.js";
import type { RigLinks } from "./links/rigLinks.js";
import type { Neighbours } from "./neighbours.js";
import { askLater, type RigReading, readRig } from "./readRig.js";
import { forgetRig, newRigSession, type RigSession } from "./rigSession.js";
import {
  CGMINER_PORT,
  hasNewSerials,
  toEvidence,
  toHandle,
  toSample,
  unreachableSample,
} from "./toSample.js";
import type { RigTarget } from "./watchFleet.js";
import type { Spoke } from "./wheel.js";

/** What watching needs; shared by all rigs. */
export interface Watching {
  links: RigLinks;
  clock: Clock;
  log: Logger;
  neighbours: Neighbours;
  /** Takes each sample with the rig's current evidence. */
  push(sample: Sample, evidence: Evidence): void;
  /** 0 ≤ x < 1; spreads the tries of rigs that went away together. */
  random(): number;
}

/** One watched rig: its session and what its polls have been like. */
export interface WatchedRig extends Spoke {
  readonly handle: string;
  readonly session: RigSession;
  /** Interval asked for by its range or by config; undefined follows the size of the fleet. */
  wishMs: number | undefined;
  /** Monotonic time at which the poll was due that runs or comes next. */
  dueMs: number;
  /** Monotonic time at which the poll that holds a place began. */
  startedMs: number;
  /** Spacing of its polls now, ms: what its samples say. */
  intervalMs: number;
  /** Smoothed duration of its polls, ms. */
  tookMs: number;
  /** Tries in a row without a reading. */
  failures: number;
  /** What the last failure was, so that a change is logged once. */
  trouble: string | undefined;
  sinceMs: number;
  stretched: boolean;
  status: RigStatus | undefined;
  evidence: Evidence;
  /** The facts that `evidence` was made of. */
  evidenceOf: object | undefined;
  removed: boolean;
}

/** A rig that is gone is tried again after at most this, plus a tenth of jitter. */
export const BACK_OFF_MAX_MS = 60_000;
/** Tries at the rig's own interval before the back-off begins, so that a lost packet costs no minute. */
const QUICK_TRIES = 2;
/** Each try at a rig that sends without an end costs as much as hundreds of readings: it is left alone at once, and longer. */
const ENDLESS_TRIES = 5;
/** A rig may have become another one while it was away for so many tries. */
const FORGET_AFTER = 3;
/** A rig's own server gets as much rest as it had work. */
const REST = 2;
const MAX_STRETCHED_MS = 90_000;

/** Starts watching a rig; its first poll is due at `dueMs`. */
export function newWatchedRig(rig: RigTarget, dueMs: number): WatchedRig {
  return {
    next: undefined,
    handle: toHandle(rig.address, rig.port),
    session: newRigSession(rig.address, rig.port, rig),
    wishMs: rig.intervalMs,
    dueMs,
    startedMs: 0,
    intervalMs: rig.intervalMs ?? 0,
    tookMs: 0,
    failures: 0,
    trouble: undefined,
    sinceMs: 0,
    stretched: false,
    status: undefined,
    evidence: { address: rig.address, port: rig.port },
    evidenceOf: undefined,
    removed: false,
  };
}

/**
 * Polls a watched rig once and pushes what came of it: a sample, or `unreachable`. Sets its `intervalMs`, which is how long
 * until the next poll. A rig that answers slowly stretches its interval, one that is gone backs off; each says so once.
 * Never throws for what a rig does.
 */
export async function watchRig(rig: WatchedRig, baseMs: number, watching: Watching): Promise<void> {
  const { links, clock } = watching;
  try {
    const reading = await readRig(rig.session, links, clock);
    answered(rig, reading, baseMs, watching);
    await askLater(rig.session, links, clock);
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    if (error.code !== "aborted") silent(rig, error, baseMs, watching);
  }
}

function answered(
  rig: WatchedRig,
  { reading, atMonoMs, pollMs }: RigReading,
  baseMs: number,
  watching: Watching,
): void {
  const { clock, log } = watching;
  if (rig.trouble !== undefined) {
    log.info(
      { rig: rig.handle, address: rig.session.address, awayMs: Math.round(clock.monoMs() - rig.sinceMs) },
      "rig back",
    );
    rig.trouble = undefined;
  }
  rig.failures = 0;
  rig.tookMs = rig.tookMs === 0 ? pollMs : rig.tookMs + 0.3 * (pollMs - rig.tookMs);
  rig.intervalMs = stretch(rig, baseMs, log);
  const { session } = rig;
  const neighbourMac = reading.mac === undefined ? watching.neighbours.macOf(session.address) : undefined;
  if (
    rig.evidenceOf !== session.facts ||
    hasNewSerials(rig.evidence, reading.boards) ||
    (neighbourMac !== undefined && neighbourMac !== rig.evidence.mac)
  ) {
    const evidence = toEvidence(session.address, session.port, reading, neighbourMac);
    // The list that the session keeps anyway; a second one per rig would be most of what evidence weighs.
    if (session.facts.pools?.length) evidence.pools = session.facts.pools;
    if (!reading.boards && rig.evidence.boardSerials) evidence.boardSerials = rig.evidence.boardSerials;
    // The same object as long as nothing changed, so that a change is seen by its reference.
    if (!isDeepStrictEqual(evidence, rig.evidence)) rig.evidence = evidence;
    rig.evidenceOf = session.facts;
  }
  rig.status = reading.status;
  // By the clock as it is now, which is what a correction of the stamp will start from.
  const atMs = Math.round(clock.nowMs() - (clock.monoMs() - atMonoMs));
  watching.push(toSample(rig.handle, reading, atMs, rig.intervalMs, pollMs), rig.evidence);
}

/** The interval a rig can bear: its base, or twice what it takes to answer, in whole seconds. */
function stretch(rig: WatchedRig, baseMs: number, log: Logger): number {
  const needMs = Math.min(MAX_STRETCHED_MS, Math.ceil((REST * rig.tookMs) / 1_000) * 1_000);
  // A rig on the verge must not be announced at every turn, so it has to become clearly faster first.
  const stays = rig.stretched && REST * rig.tookMs > 0.8 * baseMs;
  if (needMs <= baseMs && !stays) {
    if (rig.stretched) log.info({ rig: rig.handle, intervalMs: baseMs }, "rig answers in time again");
    rig.stretched = false;
    return baseMs;
  }
  if (!rig.stretched)
    log.warn(
      {
        rig: rig.handle,
        address: rig.session.address,
        tookMs: Math.round(rig.tookMs),
        intervalMs: Math.max(needMs, baseMs),
      },
      "rig answers slowly, interval stretched",
    );
  rig.stretched = true;
  return Math.max(needMs, baseMs);
}

function silent(rig: WatchedRig, error: AgentError, baseMs: number, watching: Watching): void {
  const { clock, log } = watching;
  rig.failures++;
  if (rig.failures === FORGET_AFTER || error.code === "unsupported") forgetRig(rig.session);
  const tries = rig.failures + (error.code === "tooLarge" ? ENDLESS_TRIES : 0);
  rig.intervalMs = backOffMs(tries, baseMs, watching.random());
  if (rig.trouble !== error.code) {
    if (rig.trouble === undefined) rig.sinceMs = clock.monoMs();
    log.warn(
      { rig: rig.handle, address: rig.session.address, code: error.code, reason: error.message },
      "rig unreachable",
    );
    rig.trouble = error.code;
  }
  tell(rig, error, watching);
  rig.status = "unreachable";
  watching.push(unreachableSample(rig.handle, clock.nowMs(), rig.intervalMs), rig.evidence);
}

/**
 * Tells the server why a rig that answers is not read, since nobody would find out by looking whether it is on. Not at its
 * first word, which may be that of a rig that is starting.
 */
function tell(rig: WatchedRig, error: AgentError, { neighbours }: Watching): void {
  const { code, message } = error;
  const lasting = code === "unsupported" || code === "loginRefused";
  if (!lasting && !(code === "rejected" && rig.failures >= FORGET_AFTER)) return;
  const { address, port } = rig.session;
  const text = beginning(
    code === "unsupported"
      ? `${message}; hashwatt-agent capture ${address}${port === CGMINER_PORT ? "" : `:${port}`} writes what a developer needs`
      : message,
    300,
  );
  const told = rig.evidence.notes?.[0];
  if (told?.code === code && told.text === text) return;
  const notes: Note[] = [{ code, text }];
  rig.evidence =
    code === "unsupported"
      ? toEvidence(address, port, { firmware: beginning(message, 200), notes }, neighbours.macOf(address))
      : { ...rig.evidence, notes };
  rig.evidenceOf = undefined;
}

/** How long to wait after the `failures`-th try in a row without a reading. */
export function backOffMs(failures: number, baseMs: number, random: number): number {
  if (failures <= QUICK_TRIES) return baseMs;
  const doubled = Math.max(
    baseMs,
    Math.min(BACK_OFF_MAX_MS, baseMs * 2 ** Math.min(failures - QUICK_TRIES, 20)),
  );
  return Math.round(doubled * (0.9 + 0.2 * random));
}
