import type { AlertView } from "@hashwatt/protocol/http";
import type { RigView } from "../../fleet/rigView.js";

export type RuleId = AlertView["rule"];

/** `unknown`: the rule cannot tell, which neither raises nor clears. */
export type Verdict = "breach" | "clear" | "unknown";

/** What a rule may look at besides the rig. */
export interface RuleContext {
  nowMs: number;
  /** Since when the server hears its agents without a break; Infinity while it hears nothing. Silence before is no outage of a rig. */
  heardSinceMs: number;
  /** Freshness and currency of a site's prices. */
  rates(site: string): { stale: boolean; demo: boolean; currency: string; pricePerKwh?: number };
}

/** What an alert says of a breach. */
export type Finding = Pick<AlertView, "value" | "limit" | "unit" | "limitSource" | "reason" | "lossPerH"> & {
  currency?: string;
};

/** An alert rule: pure, asked once per reading, so `check` must be cheap; `describe` is asked only when something changes. */
export interface Rule {
  readonly id: RuleId;
  readonly severity: AlertView["severity"];
  /** A breach fires when it has lasted this long and for so many readings in a row. */
  readonly holdMs: number;
  readonly samples: number;
  /** A firing alert resolves after so many clear readings in a row that span this time, which the config may shorten. */
  readonly clearSamples: number;
  readonly resolveHoldMs: number;
  /** Also asked when nothing arrives, since time alone can make it true. Others are unknown once a rig's view is stale. */
  readonly timed: boolean;
  /** Rules that, while they fire, make this one meaningless. */
  readonly inhibitedBy: readonly RuleId[];
  /** `firing` lets a rule clear at another value than it fires: hysteresis. */
  check(view: RigView, firing: boolean, context: RuleContext): Verdict;
  /**
   * `sinceMs`: when the breach began, as its alert tells it, over a restart too. `before`: the alert as it stood until now, or
   * the one that it goes on from; undefined at the first sight of a breach.
   */
  describe(view: RigView, context: RuleContext, sinceMs: number, before: AlertView | undefined): Finding;
  /** By how much a value must have moved from `value` to be told before the minute is over, in its unit. */
  step(view: RigView, value: number): number;
  /** When the breach began, where that is known better than by its first sight. */
  since?(view: RigView, context: RuleContext): number;
}
