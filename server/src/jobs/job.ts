import type { JobView } from "@hashwatt/protocol/jobs";
import type { Clock } from "@hashwatt/protocol/time";
import type { Logger } from "pino";
import type { z } from "zod";
import type { Alerting } from "../alerts/openAlerting.js";
import type { ServerConfig } from "../config.js";
import type { Pricer } from "../ledger/pricer.js";
import type { KnownRig } from "../rollup/fold.js";
import type { Sites } from "../sites.js";
import type { StateStore } from "../store/state/state.js";
import type { TelemetryStore } from "../store/store.js";

/** What a job says while it runs. */
export interface JobControl {
  /** Aborts when the job is cancelled or the server ends; the job then rejects with what it aborts with. */
  readonly signal: AbortSignal;
  /** `done` of `total` units are behind it; `note` says what it is at. */
  progress(done: number, total: number | undefined, note?: string): void;
}

/** What jobs work on: the running server's own stores. */
export interface JobParts {
  telemetry: TelemetryStore;
  state: StateStore;
  /** All rigs, those included whose place another has taken. */
  rigs(): Iterable<KnownRig>;
  sites: Pick<Sites, "all" | "get">;
  /** What prices the ledger. */
  pricer: Pick<Pricer, "reprice">;
  /** Runs `work` while no sample is being committed; what arrives meanwhile waits for it, so that it must be short. */
  betweenCommits<T>(work: () => Promise<T>): Promise<T>;
  /** Tries an alert rule on stored history. */
  dryRun: Alerting["dryRun"];
  config: ServerConfig;
  version: string;
  clock: Clock;
  log: Logger;
}

/** One kind of long work. At most one job of a kind runs at a time. */
export interface JobKind<Params = unknown> {
  /** Name in paths: a slug. */
  readonly kind: string;
  /** One sentence for the API's documentation. */
  readonly summary: string;
  /** Body of the request that starts one. */
  readonly params: z.ZodType<Params>;
  /** What progress counts. */
  readonly unit: string;
  /** What of the parameters may be shown: no secret. */
  shown(params: Params): JobView["params"];
  /** Refuses at once what cannot work, before a job is made. Throws ServerError. */
  check?(params: Params, parts: JobParts): Promise<void>;
  /** Does the work; resolves with sentences about what was done. */
  run(params: Params, parts: JobParts, control: JobControl): Promise<string[]>;
}

/** Keeps the type of one kind's parameters between its schema and its work. */
export const jobKind = <Params>(kind: JobKind<Params>): JobKind => kind as JobKind;
