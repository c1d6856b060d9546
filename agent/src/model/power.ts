import type { Board, PowerSource, RigStatus } from "@hashwatt/protocol/sample";
import { isKnownModel, type Nameplate, nameplateAbove, nameplateOf } from "./nameplates.js";

/** Control board and power supply of a rig that does not hash, W: the middle of the 10–30 W that such rigs draw. */
const IDLE_W = 20;
/** One 120 mm server fan at {@link FAN_FULL_RPM}, W (12 V, about 2.3 A); power grows with the cube of the speed. */
const FAN_FULL_W = 28;
const FAN_FULL_RPM = 6_000;
/** Modes in which boards run at what they are rated for, so that a rate below it is no saving. */
const RATED_MODE = /^(normal|standard|high|turbo|performance)$/i;

/** What an estimate of power is made from. */
export interface PowerBasis {
  model?: string | undefined;
  nominalThs?: number | undefined;
  hashrateThs?: number | undefined;
  /** What the firmware aims at in its present mode. */
  targetThs?: number | undefined;
  status: RigStatus;
  fansRpm?: readonly number[] | undefined;
  powerMode?: string | undefined;
  /** What the firmware keeps it below. */
  powerLimitW?: number | undefined;
  boards?: readonly Pick<Board, "hashrateThs" | "chips" | "chipsExpected">[] | undefined;
}

/** What an operator says a rig is rated for, in place of the list. */
export type OwnPlate = Pick<Nameplate, "ratedThs" | "ratedW" | "boards">;

/** Power that nobody measured, W, and on which rung of the ladder it stands. */
export interface PowerEstimate {
  powerW: number;
  source: Extract<PowerSource, "model" | "nameplate">;
}

/**
 * The last two rungs of the ladder, for a rig that reports no power: the model, and where it has not enough to go by (the bin is
 * unknown, or the hashrate) the nameplate; neither above the limit that its firmware keeps. Undefined where the model is not known, and while the rig starts or is unreachable.
 */
export function estimatePower(rig: PowerBasis, own?: OwnPlate): PowerEstimate | undefined {
  const limitW = rig.powerLimitW ?? Number.POSITIVE_INFINITY;
  const modelled = modelPowerW(rig, own);
  if (modelled !== undefined) return { powerW: Math.min(modelled, limitW), source: "model" };
  if (rig.status !== "mining") return undefined;
  const plate =
    own ??
    (rig.model === undefined ? undefined : nameplateAbove(rig.model, rig.hashrateThs ?? rig.nominalThs));
  if (!plate) return undefined;
  const powerW = Math.round(plate.ratedW * runningShare(rig, plate));
  return { powerW: Math.min(powerW, limitW), source: "nameplate" };
}

/**
 * Power in W of a rig that reports none: what its running boards draw in its present mode, from the nameplate. Boards in a mode
 * that is called normal, or better, draw what they are rated for whatever they hash; in another mode they draw by what the
 * firmware aims at, else by what they hash, where the chips that a board has lost count as if they hashed: a dead chip still
 * draws. Never above what the rig is rated for, nor below what it draws standing, which is {@link IDLE_W} and the fans. Undefined
 * when the model, its bin or its hashrate is not known, while it starts (a rig heats up and tunes at any power), and while it
 * is unreachable.
 */
export function modelPowerW(rig: PowerBasis, own?: OwnPlate): number | undefined {
  if (!own && (rig.model === undefined || !isKnownModel(rig.model))) return undefined;
  switch (rig.status) {
    case "mining": {
      const plate = own ?? nameplateOf(rig.model!, rig.nominalThs);
      if (!plate) return undefined;
      // What an operator says rules over what the rig says of itself.
      const ratedThs = own ? own.ratedThs : (rig.nominalThs ?? plate.ratedThs);
      const load = loadOf(rig, ratedThs, plate);
      if (load === undefined) return undefined;
      const ratedW = (plate.ratedW / plate.ratedThs) * ratedThs;
      return Math.round(Math.max(Math.min(1, load) * ratedW, Math.min(standingW(rig.fansRpm), ratedW)));
    }
    case "idle":
    case "sleeping":
    case "fault":
      return Math.round(standingW(rig.fansRpm));
    case "starting":
    case "unreachable":
      return undefined;
  }
}

/** The share of its rated power that a mining rig draws; undefined where nothing tells. */
function loadOf(rig: PowerBasis, ratedThs: number, plate: Pick<Nameplate, "boards">): number | undefined {
  if (rig.powerMode !== undefined && RATED_MODE.test(rig.powerMode)) return runningShare(rig, plate);
  if (rig.targetThs !== undefined && rig.targetThs > 0)
    return Math.min(1, rig.targetThs / ratedThs) * runningShare(rig, { boards: undefined });
  if (rig.hashrateThs === undefined) return undefined;
  return (rig.hashrateThs / ratedThs) * deadChipsFactor(rig, ratedThs, plate);
}

/** The share of the rig's boards that run: hash, or do not say. 1 where the rig tells nothing of its boards. */
function runningShare({ boards }: PowerBasis, plate: Pick<Nameplate, "boards">): number {
  if (!boards?.length) return 1;
  const running = boards.filter(({ hashrateThs }) => hashrateThs === undefined || hashrateThs > 0).length;
  return Math.min(1, running / Math.max(plate.boards ?? 0, boards.length));
}

/** By how much more the rig would hash if every board had all of its chips, none beyond what a board is rated for. */
function deadChipsFactor(rig: PowerBasis, ratedThs: number, plate: Pick<Nameplate, "boards">): number {
  const { boards } = rig;
  if (!boards?.length) return 1;
  const boardThs = ratedThs / Math.max(plate.boards ?? 0, boards.length);
  let sum = 0;
  let whole = 0;
  for (const { hashrateThs, chips, chipsExpected } of boards) {
    if (hashrateThs === undefined) return 1;
    sum += hashrateThs;
    const lost = chips !== undefined && chipsExpected !== undefined && chips > 0 && chips < chipsExpected;
    whole += lost
      ? Math.max(hashrateThs, Math.min(boardThs, hashrateThs * (chipsExpected / chips)))
      : hashrateThs;
  }
  return sum > 0 ? whole / sum : 1;
}

function standingW(fansRpm: readonly number[] = []): number {
  let fansW = 0;
  for (const rpm of fansRpm) fansW += FAN_FULL_W * Math.min(1, (rpm / FAN_FULL_RPM) ** 3);
  return IDLE_W + fansW;
}
