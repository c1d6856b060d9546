import type { Severity, SubjectKind } from "@hashwatt/protocol/alertRules";
import type { AlertSubject, AlertView } from "@hashwatt/protocol/http";
import type { RigView } from "../../fleet/rigView.js";
import type { PoolCensus } from "../poolCensus.js";
import type { RigMemory } from "../rigMemory.js";

export type RuleId = AlertView["rule"];

/** `unknown`: the rule cannot tell, which neither raises nor clears. */
export type Verdict = "breach" | "clear" | "unknown";

/** Where a rig stands in a planned stop: in it, or in the half hour after it. */
export interface StopState {
  phase: "stopped" | "coming back";
  name: string;
  fromMs: number;
  toMs: number;
}

/** What a rule may look at besides the rig. */
export interface RuleContext {
  nowMs: number;
  /** Since when the server hears its agents without a break; Infinity while it hears nothing. Silence before is no outage of a rig. */
  heardSinceMs: number;
  /** Prices of a site with their freshness: by algorithm, as `SiteRates` has them. */
  rates(site: string): {
    stale: boolean;
    otherStale?: ReadonlySet<string>;
    demo: boolean;
    currency: string;
    pricePerKwh?: number;
    hashpricePerThH?: number;
    /** Of other algorithms than SHA-256, by the name of their series. */
    otherPerThH?: ReadonlyMap<string, number>;
  };
  /** What is remembered of the rigs' own past; undefined where nothing is. */
  memory?: RigMemory | undefined;
  /** The planned stop of a rig; undefined while there is none. */
  stop?(view: RigView): StopState | undefined;
  /** Air outside at a site, °C; undefined where nothing tells it. */
  ambientC?(site: string): { tempC: number; source: string } | undefined;
  /** Pools and accounts that are usual at a site. */
  pools?: Pick<PoolCensus, "usual" | "hostOf">;
  /** What was told lately of a rig that is in conflict about who it is. */
  conflict?(rig: number): string | undefined;
  /** What a rig's own meter says beside the rig; undefined for a rig without one. */
  metered?(rig: number): { meterW: number | null; ownW: number | null } | undefined;
}

/** What an alert says of a breach. */
export type Finding = Pick<AlertView, "value" | "limit" | "unit" | "reason" | "lossPerH"> &
  Partial<Pick<AlertView, "limitSource" | "currency" | "probableCause">> & {
    /** The part of the subject that it is about, where it is one: a board. */
    subject?: AlertSubject;
  };

/** What an operator may set of a rule, everywhere or for some rigs; a rule itself holds the defaults. */
export interface RuleSettings {
  readonly severity: Severity;
  /** Fires beyond `limit` and clears at `clear`, in the rule's unit; absent where the rule knows no such number. */
  readonly limit?: number;
  readonly clear?: number;
  /** A breach fires when it has lasted this long and for so many readings in a row. */
  readonly holdMs: number;
  readonly samples: number;
  /** A firing alert resolves after so many clear readings in a row that span this time, which the config may shorten. */
  readonly clearSamples: number;
  readonly resolveHoldMs: number;
  /** Judged only where it is not false. */
  readonly enabled?: boolean;
  /** Patterns of the pools and of the accounts that are meant, where an operator has said so; for `wrongPool`. */
  readonly urls?: readonly string[];
  readonly accounts?: readonly string[];
  /** Where the setting comes from, for an alert to say; absent for the default. */
  readonly setBy?: string;
}

/**
 * An alert rule: pure, asked once per reading, so `check` must be cheap; `describe` is asked only when something changes. `T` is
 * what it judges: a rig's view, or the facts of a site, an agent, …
 */
export interface Rule<T = RigView> extends RuleSettings {
  readonly id: RuleId;
  readonly subject: SubjectKind;
  /** Of `limit` and `clear`. */
  readonly unit?: string;
  /** Also asked when nothing arrives, since time alone can make it true. Others are unknown once a rig's view is stale. */
  readonly timed: boolean;
  /** Silent in a planned stop and half an hour after it. */
  readonly quietInStop?: boolean;
  /** Alike are only alerts of one model: what it tells is true of a model at a site, and is decided for it. */
  readonly perModel?: boolean;
  /** Rules of the same subject that, while they fire, make this one meaningless. */
  readonly inhibitedBy: readonly RuleId[];
  /** `firing` lets a rule clear at another value than it fires: hysteresis. */
  check(subject: T, firing: boolean, context: RuleContext, settings: RuleSettings): Verdict;
  /**
   * `sinceMs`: when the breach began, as its alert tells it, over a restart too. `before`: the alert as it stood until now, or
   * the one that it goes on from; undefined at the first sight of a breach.
   */
  describe(
    subject: T,
    context: RuleContext,
    sinceMs: number,
    before: AlertView | undefined,
    settings: RuleSettings,
  ): Finding;
  /** By how much a value must have moved from `value` to be told before the minute is over, in its unit. */
  step(subject: T, value: number): number;
  /** When the breach began, where that is known better than by its first sight. */
  since?(subject: T, context: RuleContext): number;
}
