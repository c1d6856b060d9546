import { MAX_FANS, type Sample, type Shares } from "@hashwatt/protocol/sample";

/** Measurement of whole readings, one point per rig and reading. Tags: site, rig. */
export const RIG = "rig";
/** Measurement of hash boards. Tags: site, rig, board. */
export const BOARD = "board";

type Keys<T, V> = { [K in keyof T]-?: T[K] extends V | undefined ? K : never }[keyof T] & string;

/** Numbers of a reading that are fields under their own name. What every reading has comes apart from these. */
export const NUMBERS = [
  "pollMs",
  "hashrateThs",
  "hashrateWindowS",
  "hashrateAvgThs",
  "targetThs",
  "powerW",
  "powerLimitW",
  "inletTempC",
  "outletTempC",
  "coolantTempC",
  "psuTempC",
  "boardTempC",
  "chipTempC",
  "boardLimitC",
  "chipLimitC",
  "fanDutyRatio",
  "uptimeS",
] as const satisfies readonly Keys<Sample, number>[];

/** Share counters of a reading. */
export const SHARES = [
  "accepted",
  "rejected",
  "stale",
  "acceptedDiff",
  "rejectedDiff",
] as const satisfies readonly Keys<Shares, number>[];

/** Texts of a reading that are fields under their own name. */
export const TEXTS = ["algo", "powerSource", "powerMode", "pool", "clock"] as const satisfies readonly Keys<
  Sample,
  string
>[];

/** The fans of a reading by place. */
export const FANS: readonly string[] = Array.from({ length: MAX_FANS }, (_, place) => `fan${place}`);

/** Every field of a reading but those of its fans by place. */
export const RIG_FIELDS: readonly string[] = [
  "status",
  "intervalMs",
  "lagMs",
  ...NUMBERS,
  ...SHARES,
  ...TEXTS,
  "fanRpm",
  "faults",
];

/** The public id of a rig, which is its tag. */
export const rigTag = (rig: number): string => `r${rig}`;

/** The key behind a rig's tag; undefined for what is none. */
export const rigOfTag = (tag: string | undefined): number | undefined =>
  tag !== undefined && /^r\d+$/.test(tag) ? Number(tag.slice(1)) : undefined;
