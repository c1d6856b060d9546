import type { AlertView } from "@hashwatt/protocol/http";
import type { Sample } from "@hashwatt/protocol/sample";
import type { Figures } from "../economics/figures.js";
import type { RigRecord } from "../store/state/state.js";
import type { DevFeeMeter } from "./devFeeMeter.js";

/** A limit that alerts use, and where it comes from. */
export interface Limit {
  limitC: number;
  /** A warning below it that the same source states. */
  warnC?: number;
  /** What kind of limit it is, then its name: "rig (…)", "sourced, vendor-doc (…)", "baseline (…)". */
  source: string;
  /** In a few words for a sentence: "default of MiningOS". */
  name: string;
  /** The whole citation. */
  note?: string;
  /** By what is usual of the rig or its neighbours: nobody has stated it. */
  learned?: true;
}

/** Limits of a rig's sensors; an absent one is not known. */
export interface RigLimits {
  chip?: Limit;
  board?: Limit;
}

/** What a rig's limits were looked up by; they hold for as long as it stays the same. */
export interface LimitBasis {
  evidence: RigRecord["evidence"];
  chipLimitC: number | undefined;
  boardLimitC: number | undefined;
  /** What is stated or sourced; a sensor that has none is judged by what is usual of it. */
  firm: RigLimits;
  /** What is usual, and whether chips told their temperature beside it: what `limits` were made of. */
  learned: RigLimits | undefined;
  chipTold: boolean;
  limits: RigLimits;
  /** Under which what is usual was learned; undefined while none is told. */
  powerMode: string | undefined;
}

/** A reading as the server keeps it: the rig is known by its key. */
export type Reading = Omit<Sample, "rig">;

/** Everything known of one rig now. All fields exist from the start, since ten thousand of these are walked each second. */
export interface RigView {
  readonly rig: number;
  record: RigRecord;
  /** Algorithm of the latest reading, else of the evidence. */
  algo: string | undefined;
  /** Latest live reading; undefined before the first. */
  reading: Reading | undefined;
  /** Server's time of its arrival. */
  receivedMs: number | undefined;
  /** Nothing has arrived for three intervals, at least 30 s. */
  stale: boolean;
  /** Arrival of the latest reading that was not "unreachable". */
  answeredMs: number | undefined;
  /** Where `answeredMs` is undefined: whether it may have answered in a time that the server could not look back to. */
  mayHaveAnswered: boolean;
  figures: Figures;
  /** Profit per hour when last known; what an outage costs. */
  lastProfitPerH: number | undefined;
  limits: RigLimits;
  limitBasis: LimitBasis | undefined;
  /** What its firmware takes for its makers; undefined where it shows none. */
  devFee: DevFeeMeter | undefined;
  /** Severity of the worst firing alert. */
  alert: AlertView["severity"] | null;
}

/** A view of a rig that has not been heard of yet. */
export const newRigView = (record: RigRecord): RigView => ({
  rig: record.rig,
  record,
  algo: record.evidence.algo,
  reading: undefined,
  receivedMs: undefined,
  stale: true,
  answeredMs: undefined,
  mayHaveAnswered: false,
  figures: {},
  lastProfitPerH: undefined,
  limits: {},
  limitBasis: undefined,
  devFee: undefined,
  alert: null,
});

/** Whether the rig answered lately: fresh, and not "unreachable". */
export const isReporting = (view: RigView): boolean =>
  !view.stale && view.reading !== undefined && view.reading.status !== "unreachable";

/** Slowest fan in rpm; undefined where no fan is reported. */
export function slowestFanRpm(fansRpm: readonly number[] | undefined): number | undefined {
  if (!fansRpm?.length) return undefined;
  let slowest = fansRpm[0]!;
  for (const rpm of fansRpm) if (rpm < slowest) slowest = rpm;
  return slowest;
}
