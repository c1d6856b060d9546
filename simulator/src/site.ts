import {
  type Incident,
  type IncidentCounts,
  ONE_OF_EACH,
  placeIncidents,
  SMALLEST_MOVING_FLEET,
} from "./incidents.js";
import { type RigModel, STOCK } from "./models.js";
import { hashText, Random } from "./random.js";
import type { Unit } from "./rigState.js";

/** One rig of the fleet, as it was delivered and racked: nothing here changes while it runs. */
export interface RigIdentity {
  index: number;
  model: RigModel;
  unit: Unit;
  /** Upper case with colons; locally administered, so that it cannot be anybody's. */
  mac: string;
  hostname: string;
  serial: string;
  boardSerials: readonly string[];
  psuSerial: string;
  /** Bitmain's chip id of the control board, 16 hex digits. */
  minerId: string;
  worker: string;
  incident: Incident | undefined;
  /** Board that is not there, of a rig with that incident. */
  missingSlot: number | undefined;
  /** Fan that wears out, of a rig with that incident. */
  failingFan: number | undefined;
  /** How much warmer its place in the rack is than the hall. */
  placeC: number;
  /** How long its daemon, and its operating system, had been running when the simulation began. */
  ranMs: number;
  bootedMs: number;
}

/** A hall with its fleet: the same seed gives the same rigs, in the same order. */
export interface Site {
  seed: string;
  rigs: readonly RigIdentity[];
}

/** Hall temperature at noon and midnight differ by twice this. */
const DAY_SWING_C = 5;
const HALL_MEAN_C = 24;
const WARMEST_HOUR_UTC = 15;
const HOUR_MS = 3_600_000;

/** What the rig breathes at this moment: a warm afternoon, a cool night, a draught now and then. */
export function inletTempC(rig: Pick<RigIdentity, "placeC" | "index">, atMs: number): number {
  const hour = (atMs / HOUR_MS) % 24;
  const day = DAY_SWING_C * Math.cos((2 * Math.PI * (hour - WARMEST_HOUR_UTC)) / 24);
  // Two periods without a common multiple look like weather and need no state.
  const draught = 0.3 * Math.sin(atMs / 350_000 + rig.index) + 0.2 * Math.sin(atMs / 97_000 + rig.index * 2);
  return HALL_MEAN_C + day + rig.placeC + draught;
}

/** Shares that add up to 1 and differ by about a percent: boards are binned too. */
function boardShares(boardCount: number, random: Random): number[] {
  const weights = Array.from({ length: boardCount }, () => 1 + random.spread(0.008, 0.02));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function buildUnit(model: RigModel, random: Random): Unit {
  return {
    model,
    hashrateThs: model.hashrateThs * (1 + random.spread(0.006, 0.015)),
    powerW: model.powerW * (1 + random.spread(0.006, 0.015)),
    boardShares: boardShares(model.boardCount, random),
    boardBiasC: Array.from({ length: model.boardCount }, () => random.spread(1.5, 3)),
    fanSpeeds: Array.from({ length: model.fanCount }, () => 1 + random.spread(0.01, 0.02)),
    hwErrorsPerS: 0.0035 * random.between(0.3, 2),
    poolDifficulty: model.poolDifficulty ?? (model.make === "Bitmain" ? 524_288 : 131_072),
  };
}

function hexPair(value: number): string {
  return (value & 0xff).toString(16).padStart(2, "0").toUpperCase();
}

/** Unique by construction: two bytes tell the seed, three the rig. */
function macOf(seed: string, index: number): string {
  const site = hashText(`mac/${seed}`);
  return [
    "02",
    hexPair(site >>> 8),
    hexPair(site),
    hexPair(index >>> 16),
    hexPair(index >>> 8),
    hexPair(index),
  ].join(":");
}

function buildRig(seed: string, index: number, model: RigModel, incident: Incident | undefined): RigIdentity {
  const random = new Random(seed, "rig", index);
  const number = String(index + 1).padStart(5, "0");
  const antminer = model.make === "Bitmain";
  const batch = random.hex(4).toUpperCase();
  const ranMs = Math.round(random.between(2 * HOUR_MS, 20 * 24 * HOUR_MS));
  return {
    index,
    model,
    unit: buildUnit(model, random),
    mac: macOf(seed, index),
    hostname: `${model.hostPrefix ?? (antminer ? "antminer" : "whatsminer")}-${number}`,
    serial: antminer ? `SIMB${batch}BDJ${number}` : `SIMM${batch}HD2408${number}`,
    boardSerials: Array.from({ length: model.boardCount }, (_, slot) => `SIM${batch}K${number}${slot + 1}`),
    psuSerial: `SIMP${batch}${number}`,
    minerId: random.hex(16),
    worker: `examplefarm.rig${number}`,
    incident,
    missingSlot: incident === "missing-board" ? random.index(model.boardCount) : undefined,
    failingFan: incident === "failing-fan" ? random.index(model.fanCount) : undefined,
    placeC: random.spread(0.8, 2),
    ranMs,
    bootedMs: ranMs + Math.round(random.between(60_000, 48 * HOUR_MS)),
  };
}

/** Which rigs have an incident when nothing else is said: one of each in a fleet of a dozen or more, else none. */
export function usualIncidents(rigCount: number): IncidentCounts | undefined {
  return rigCount >= SMALLEST_MOVING_FLEET ? ONE_OF_EACH : undefined;
}

/** The fleet of this seed, of shuffled lots of `stock`. `incidents` undefined: every rig is sound. */
export function buildSite(
  seed: string,
  rigCount: number,
  incidents: IncidentCounts | undefined,
  stock: readonly RigModel[] = STOCK,
): Site {
  const models: RigModel[] = [];
  for (let dozen = 0; models.length < rigCount; dozen++)
    models.push(...new Random(seed, "dozen", dozen).shuffled(stock).slice(0, rigCount - models.length));
  const placed =
    incidents === undefined
      ? new Map<number, Incident>()
      : placeIncidents(models, incidents, new Random(seed, "incidents"));
  return { seed, rigs: models.map((model, index) => buildRig(seed, index, model, placed.get(index))) };
}
