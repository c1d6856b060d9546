import { z } from "zod";
import { alertViewSchema } from "./alertView.js";
import { METERS_OF_SITE, rigMeterSchema } from "./meters.js";
import { registerEntrySchema } from "./register.js";
import { boardSchema, evidenceSchema, POWER_SOURCES, STATUSES, sampleSchema } from "./sample.js";

export {
  type AlertMember,
  type AlertSubject,
  type AlertView,
  alertMemberSchema,
  alertSubjectSchema,
  alertViewSchema,
} from "./alertView.js";

const maybe = z.number().nullable();

/** What a figure rests on; shown beside it. `value` is null while nothing is known, and `howToSet` says how to change that. */
export const inputSchema = z.object({
  kind: z.enum(["hashprice", "price", "carbon", "fx", "poolFactor", "overhead", "marginal"]),
  site: z.string().optional(),
  /** Of a hashprice: the algorithm, where it is another than SHA-256. */
  algo: z.string().optional(),
  value: maybe,
  unit: z.string(),
  source: z.string(),
  /** Date of the figure, epoch ms; null where the source states none. */
  asOfMs: maybe,
  /** Older than a day where it should be fresh. */
  stale: z.boolean(),
  /** Belongs to the simulated fleet only. */
  demo: z.boolean().optional(),
  note: z.string().optional(),
  howToSet: z.string().optional(),
});
export type Input = z.infer<typeof inputSchema>;

/** Money and carbon per hour in one currency; a null says unknown, `*Rigs` how many of `rigs` each sum covers. */
export const ratesPerHourSchema = z.object({
  currency: z.string(),
  revenuePerH: maybe,
  costPerH: maybe,
  profitPerH: maybe,
  revenueRigs: z.int(),
  costRigs: z.int(),
  profitRigs: z.int(),
  /** Price per kWh at which the hashing rigs earn nothing. */
  breakEvenPerKwh: maybe,
});
export type RatesPerHour = z.infer<typeof ratesPerHourSchema>;

/** Hashrate of one algorithm; algorithms are never summed with each other. */
export const algoTotalsSchema = z.object({
  algo: z.string(),
  rigs: z.int(),
  reporting: z.int(),
  hashrateThs: maybe,
  nominalThs: maybe,
  /** How many of `rigs` the nominal sum covers. */
  nominalRigs: z.int().optional(),
  powerW: maybe,
  /** ΣW / ΣTH over rigs that report both. */
  efficiencyJPerTh: maybe,
});
export type AlgoTotals = z.infer<typeof algoTotalsSchema>;

export const scopeTotalsSchema = z.object({
  rigs: z.int(),
  /** Rigs with a fresh reading. */
  reporting: z.int(),
  byStatus: z.partialRecord(z.enum([...STATUSES, "stale"]), z.int()),
  algos: z.array(algoTotalsSchema),
  powerW: maybe,
  /** W by provenance; rigs without any are in `powerUnknownRigs`. */
  powerBySource: z.partialRecord(z.enum(POWER_SOURCES), z.number()),
  powerUnknownRigs: z.int(),
  money: z.array(ratesPerHourSchema),
  co2KgPerH: maybe,
  co2Rigs: z.int(),
  hottestChipC: maybe,
  alertsFiring: z.int(),
});
export type ScopeTotals = z.infer<typeof scopeTotalsSchema>;

export const siteTotalsSchema = scopeTotalsSchema.extend({
  site: z.string(),
  name: z.string(),
  zone: z.string(),
  currency: z.string(),
  inputs: z.array(inputSchema),
  ...METERS_OF_SITE,
});
export type SiteTotals = z.infer<typeof siteTotalsSchema>;

export const agentViewSchema = z.object({
  site: z.string(),
  agent: z.string(),
  state: z.enum(["online", "offline", "unknown"]),
  version: z.string().optional(),
  spoolBatches: maybe,
  spoolBytes: maybe,
  /** How far the oldest data still to come lies behind, ms; null when nothing is outstanding. */
  behindMs: maybe,
  clockOffsetMs: maybe,
  /** How late the event loop of an agent that is online was in its last whole minute, ms. */
  loopLag: z.object({ p99Ms: z.number(), maxMs: z.number() }).optional(),
  lostBatches: z.int(),
  note: z.string().optional(),
  /** When it said goodbye by itself; present only where no rig depends on it, so that nobody need be warned. */
  leftMs: z.number().optional(),
});
export type AgentView = z.infer<typeof agentViewSchema>;

export const totalsSchema = z.object({
  serverMs: z.number(),
  /** Arrival of the newest live reading; null before the first. */
  newestMs: maybe,
  fleet: scopeTotalsSchema,
  sites: z.array(siteTotalsSchema),
  agents: z.array(agentViewSchema),
  store: z.object({ kind: z.string(), ok: z.boolean(), note: z.string().optional() }),
  /** Absent where the config switches it off. */
  broker: z.object({ ok: z.boolean(), note: z.string() }).optional(),
});
export type Totals = z.infer<typeof totalsSchema>;

/** A column with few distinct values: `dict[ix[i]]` is the value of row i; ix −1 = unknown. */
export interface DictColumn {
  dict: string[];
  ix: number[];
}

/** The fleet as columns: `rig` numbers, then one array (or dictionary) per column of STATIC_COLUMNS and LIVE_COLUMNS. */
export interface FleetColumns {
  epoch: string;
  seq: number;
  serverMs: number;
  rig: number[];
  columns: Record<string, (number | string | null)[] | DictColumn>;
}
export const fleetColumnsSchema = z.object({
  epoch: z.string(),
  seq: z.int(),
  serverMs: z.number(),
  rig: z.array(z.int()),
  columns: z.record(
    z.string(),
    z.union([
      z.array(z.union([z.number(), z.string(), z.null()])),
      z.object({ dict: z.array(z.string()), ix: z.array(z.int()) }),
    ]),
  ),
});

/** Everything known of one rig now. `sample` is its latest reading, boards and fans included. */
export const rigDetailSchema = z.object({
  rig: z.int(),
  id: z.string(),
  name: z.string(),
  site: z.string(),
  agent: z.string(),
  currency: z.string(),
  zone: z.string(),
  stale: z.boolean(),
  evidence: evidenceSchema,
  firstSeenMs: z.number(),
  receivedMs: maybe,
  sample: sampleSchema
    .omit({ rig: true, boards: true })
    .extend({ boards: z.array(boardSchema).optional() })
    .nullable(),
  figures: z.object({
    efficiencyJPerTh: maybe,
    revenuePerH: maybe,
    costPerH: maybe,
    profitPerH: maybe,
    co2KgPerH: maybe,
  }),
  /** `source` is short, `note` the whole citation. */
  limits: z.array(
    z.object({
      sensor: z.enum(["chip", "board"]),
      limitC: z.number(),
      source: z.string(),
      note: z.string().optional(),
    }),
  ),
  /** What its firmware took for its makers, 0–1 of the difficulty that pools accepted, as measured over a stretch; null = not measured. */
  devFee: z.object({ share: z.number(), fromMs: z.number(), toMs: z.number() }).nullable(),
  inputs: z.array(inputSchema),
  meter: rigMeterSchema.optional(),
  alerts: z.array(alertViewSchema),
  /** What the register of expected rigs says of it; absent for one that is in no entry. */
  expected: registerEntrySchema.omit({ presence: true, rigs: true, answeredMs: true }).optional(),
  /** Ids of rigs that an operator has merged into this one: their history is part of its own. */
  joined: z.array(z.string()).optional(),
  /** An operator has said that this rig is another (`merge`), or that another answers in its place since (`split`). */
  handedTo: z.object({ kind: z.enum(["merge", "split"]), id: z.string(), atMs: z.number() }).optional(),
});
export type RigDetail = z.infer<typeof rigDetailSchema>;

/** Fields of a rig's history. Plain names are time-weighted means over the step; `…Min`, `…Max` extremes; `energyKwh` a sum. */
export const RIG_SERIES_FIELDS = [
  "hashrateThs",
  "hashrateThsMin",
  "hashrateThsMax",
  "powerW",
  "powerWMin",
  "powerWMax",
  "inletTempC",
  "boardTempC",
  "boardTempCMax",
  "chipTempC",
  "chipTempCMax",
  "fanRpm",
  "energyKwh",
] as const;
export type RigSeriesField = (typeof RIG_SERIES_FIELDS)[number];

/** Fields of a site's history; money per hour in the site's currency. */
export const SITE_SERIES_FIELDS = [
  "hashrateThs",
  "nominalThs",
  "powerW",
  "energyKwh",
  "reportingRigs",
  "rigs",
  "revenuePerH",
  "costPerH",
  "profitPerH",
  "co2KgPerH",
] as const;
export type SiteSeriesField = (typeof SITE_SERIES_FIELDS)[number];

/**
 * A history. `tier` says what it was answered from, `stepMs` its spacing, `coverage` the share of the whole range that was
 * measured (0–1), `columns.covered` the share of each step. A null is a gap.
 */
export const seriesSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  stepMs: z.number(),
  tier: z.enum(["raw", "5m", "1h"]),
  coverage: z.number(),
  note: z.string().optional(),
  tMs: z.array(z.number()),
  columns: z.record(z.string(), z.array(maybe)),
});
export type Series = z.infer<typeof seriesSchema>;

export const healthSchema = z.object({
  ok: z.boolean(),
  serverMs: z.number(),
  startedMs: z.number(),
  parts: z.record(z.string(), z.object({ ok: z.boolean(), note: z.string() })),
  counters: z.record(z.string(), z.number()),
  /** The latest refusals by kind, so that each is explainable. */
  refusals: z.array(z.object({ kind: z.string(), count: z.int(), last: z.string(), lastMs: z.number() })),
});
export type Health = z.infer<typeof healthSchema>;

/** What health says to who has not logged in. */
export const briefHealthSchema = z.object({ ok: z.boolean() });
export type BriefHealth = z.infer<typeof briefHealthSchema>;
/** Who may do what, each including those before: look, act, change the installation. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Whether a login is needed, what a person is asked for, and the role and name one has; null = not logged in. */
export const sessionSchema = z.object({
  needed: z.boolean(),
  asks: z.enum(["password", "token"]),
  /** Whether there are users, so that a name is asked for; without one the password is that of `http.password`. */
  names: z.boolean(),
  role: z.enum(ROLES).nullable(),
  name: z.string().nullable(),
});
export type SessionView = z.infer<typeof sessionSchema>;

export const versionSchema = z.object({
  name: z.literal("hashwatt"),
  version: z.string(),
  api: z.literal(1),
  node: z.string(),
});
export type Version = z.infer<typeof versionSchema>;

/**
 * Every refusal of the API: `field` names the query parameter or path part that was wrong. `error` says what to do about it:
 * `storeAway` (503) is a store of readings that does not answer, which may be back in a moment; `busy` (503) is a server that
 * does as much as it may.
 */
export const apiErrorSchema = z.object({
  error: z.string().meta({
    description:
      "badRequest, unauthorized, forbidden, notFound, conflict (it has changed meanwhile; read it again), jobRunning, storeAway (the store of readings does not answer; try again later), busy, internal",
  }),
  field: z.string().optional(),
  message: z.string(),
});
export type ApiError = z.infer<typeof apiErrorSchema>;
