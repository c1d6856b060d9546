import { z } from "zod";
import { SLUG } from "./slug.js";

/** What a rig is doing. `unreachable`: it did not answer; `sleeping`: stopped on purpose; `fault`: stopped by an error. */
export const STATUSES = ["mining", "starting", "idle", "sleeping", "fault", "unreachable"] as const;
export type RigStatus = (typeof STATUSES)[number];

/** Where a power figure comes from, best first. */
export const POWER_SOURCES = ["meter", "psu", "firmware", "model", "nameplate"] as const;
export type PowerSource = (typeof POWER_SOURCES)[number];

/** Sanity bounds of a reading; what lies outside is a sensor's lie, not a measurement (rig-independent). */
export const BOUNDS = {
  tempC: [-40, 130],
  fanRpm: [0, 30_000],
  powerW: [0, 20_000],
  /** Scrypt and Equihash rigs reach down to 1e-9 TH/s, the largest SHA-256 racks up to a few thousand. */
  hashrateThs: [0, 10_000],
  count: [0, 1e15],
  ms: [0, 1e13],
} as const;

/** A hold reaches no further than a bucket back, which a rollup relies on. */
export const MAX_INTERVAL_MS = 100_000;
export const MAX_BOARDS = 32;
export const MAX_FANS = 32;
export const MAX_FAULTS = 64;
export const MAX_POOLS = 16;

const within = ([low, high]: readonly [number, number]) => z.number().min(low).max(high);
const tempC = within(BOUNDS.tempC).optional();
const hashrateThs = within(BOUNDS.hashrateThs).optional();
const count = within(BOUNDS.count).optional();
const text = (max: number) => z.string().min(1).max(max);

/** One hash board of a reading. `chips` were found, `chipsExpected` belong there; a missing board is absent, never a row of zeros. */
export const boardSchema = z.object({
  slot: z.int().min(0).max(255),
  hashrateThs,
  boardTempC: tempC,
  chipTempC: tempC,
  chips: count,
  chipsExpected: count,
  hwErrors: count,
  frequencyMHz: z.number().min(0).max(10_000).optional(),
  voltageV: z.number().min(0).max(1_000).optional(),
});
export type Board = z.infer<typeof boardSchema>;

/** A fault the firmware reports, by the vendor's own code: what it means, what it likely comes from and what to do about it. */
export const faultSchema = z.object({
  code: text(64),
  text: text(300).optional(),
  cause: text(300).optional(),
  fix: text(300).optional(),
});
export type Fault = z.infer<typeof faultSchema>;

/** Share counters since the mining daemon started; they fall back to 0 with it. `*Diff` weigh each share by its difficulty. */
export const sharesSchema = z.object({
  accepted: count,
  rejected: count,
  stale: count,
  acceptedDiff: count,
  rejectedDiff: count,
  /** As much of `acceptedDiff` as the firmware's own pools accepted, for its makers; absent where it shows no such pool. */
  devFeeDiff: count,
});
export type Shares = z.infer<typeof sharesSchema>;

/**
 * One reading of one rig as it travels: canonical units, absent = not reported.
 * `rig` is the agent's handle, `atMs` the agent's time of the answer, `intervalMs` the spacing of this rig's polls,
 * `pollMs` how long the rig took. An unreachable rig yields status and no readings.
 */
export const sampleSchema = z.object({
  rig: z.string().regex(SLUG),
  atMs: z.number().min(0).max(1e14),
  intervalMs: z.number().min(0).max(MAX_INTERVAL_MS),
  pollMs: z.number().min(0).max(600_000).optional(),
  status: z.enum(STATUSES),
  algo: text(32).optional(),
  hashrateThs,
  /** Averaging window of `hashrateThs` in s. */
  hashrateWindowS: z.number().min(0).max(1e9).optional(),
  hashrateAvgThs: hashrateThs,
  /** What the firmware aims at now; `nominalThs` of the evidence is what the rig was sold for. */
  targetThs: hashrateThs,
  powerW: within(BOUNDS.powerW).optional(),
  powerSource: z.enum(POWER_SOURCES).optional(),
  powerLimitW: within(BOUNDS.powerW).optional(),
  powerMode: text(64).optional(),
  inletTempC: tempC,
  outletTempC: tempC,
  coolantTempC: tempC,
  psuTempC: tempC,
  boardTempC: tempC,
  chipTempC: tempC,
  /** Limits that the firmware itself states, °C; an alert prefers them to any table. */
  boardLimitC: tempC,
  chipLimitC: tempC,
  fansRpm: z.array(within(BOUNDS.fanRpm)).max(MAX_FANS).optional(),
  fanDutyRatio: z.number().min(0).max(1).optional(),
  boards: z.array(boardSchema).max(MAX_BOARDS).optional(),
  shares: sharesSchema.optional(),
  /** URL of the pool in use, without user info. */
  pool: text(300).optional(),
  /** There and back to that pool, as the firmware tells it, ms. For what is live: no store keeps it. */
  poolLatencyMs: z.number().min(0).max(600_000).optional(),
  uptimeS: z.number().min(0).max(1e10).optional(),
  faults: z.array(faultSchema).max(MAX_FAULTS).optional(),
  /** "unsure": stamped by a boot that never learned its clock offset. "server": re-stamped by the server. */
  clock: z.enum(["unsure", "server"]).optional(),
});
export type Sample = z.infer<typeof sampleSchema>;

/** One pool as the rig lists it; a password never enters. Counters as in {@link Shares}. */
export const poolSchema = z.object({
  url: text(300),
  user: text(200).optional(),
  status: text(32).optional(),
  active: z.boolean().optional(),
  accepted: count,
  rejected: count,
  stale: count,
  acceptedDiff: count,
  rejectedDiff: count,
  latencyMs: z.number().min(0).max(600_000).optional(),
});
export type Pool = z.infer<typeof poolSchema>;

/**
 * What the operator should know of how a rig is read. `unsupported`: no dialect knows its firmware, only what is standard is
 * read; `loginRefused`: its web interface wants a login that the agent was not given or that it did not take; `unitSuspect`: its
 * hashrate is off from what it is rated for by a thousand or a million; `rejected`: it answers, and will not say what is asked.
 */
export const NOTE_CODES = ["unsupported", "loginRefused", "unitSuspect", "rejected"] as const;
export type NoteCode = (typeof NOTE_CODES)[number];
export const MAX_NOTES = 8;
export const noteSchema = z.object({ code: text(64), text: text(300).optional() });
/** A note as it travels; codes of later versions are any text. */
export type Note = z.infer<typeof noteSchema>;

/** What identifies and describes a rig; sent on change and at the start of every stream, so that a backlog carries its own. */
export const evidenceSchema = z.object({
  address: text(64),
  port: z.int().min(1).max(65_535).optional(),
  /** Lower-case, colons. */
  mac: z
    .string()
    .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)
    .optional(),
  serial: text(100).optional(),
  hostname: text(100).optional(),
  make: text(64).optional(),
  model: text(100).optional(),
  firmware: text(200).optional(),
  apiVersion: text(64).optional(),
  dialect: text(64).optional(),
  algo: text(32).optional(),
  nominalThs: hashrateThs,
  notes: z.array(noteSchema).max(MAX_NOTES).optional(),
  boardSerials: z
    .array(z.object({ slot: z.int().min(0).max(255), serial: text(100) }))
    .max(MAX_BOARDS)
    .optional(),
  pools: z
    .array(poolSchema.pick({ url: true, user: true, status: true, active: true }))
    .max(MAX_POOLS)
    .optional(),
});
export type Evidence = z.infer<typeof evidenceSchema>;
