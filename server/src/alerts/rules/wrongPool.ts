import type { RigView } from "../../fleet/rigView.js";
import { accountOf } from "../poolCensus.js";
import { isMining, MINUTE_MS } from "./numberRule.js";
import type { Rule, RuleContext } from "./rule.js";

/** The pool and the account that a rig works for, where they are not those of its site; undefined where they are, null where it is not known. */
function stray(
  view: RigView,
  context: RuleContext,
): { pool: string; account: string | undefined } | undefined | null {
  const usual = context.pools?.usual(view.record.site);
  const url = view.reading?.pool;
  if (!usual?.hosts.size || url === undefined) return null;
  const pool = context.pools!.hostOf(url);
  const listed = view.record.evidence.pools?.find(
    (each) => each.active || context.pools!.hostOf(each.url) === pool,
  );
  const account = listed?.user === undefined ? undefined : accountOf(listed.user);
  const right =
    usual.hosts.has(pool) && (account === undefined || !usual.accounts.size || usual.accounts.has(account));
  return right ? undefined : { pool, account };
}

/**
 * A rig works for a pool, or an account of it, that hardly any other rig of its site has in its list, for two minutes: somebody has
 * changed its settings. The real address and user are compared, as the rig tells them.
 */
export const wrongPool: Rule = {
  id: "wrongPool",
  subject: "rig",
  severity: "danger",
  holdMs: 2 * MINUTE_MS,
  samples: 2,
  clearSamples: 2,
  resolveHoldMs: 5 * MINUTE_MS,
  timed: false,
  quietInStop: true,
  inhibitedBy: ["offline"],
  check(view, _firing, context) {
    const mining = isMining(view);
    if (mining === undefined) return "unknown";
    const found = stray(view, context);
    return found === null ? (mining ? "unknown" : "clear") : found ? "breach" : "clear";
  },
  step: () => 1,
  describe(view, context, _sinceMs, before) {
    const found = stray(view, context);
    const usual = context.pools?.usual(view.record.site);
    const { revenuePerH } = view.figures;
    const { currency } = context.rates(view.record.site);
    const of = found?.account === undefined ? "" : ` for the account ${found.account}`;
    return {
      value: null,
      limit: null,
      unit: "",
      limitSource: `what the ${usual?.rigs ?? 0} rigs of its site have in their lists`,
      reason: found
        ? `Works at ${found.pool}${of}, which hardly any other rig of its site does; usual are ${[...(usual?.hosts ?? [])].slice(0, 3).join(", ")}`
        : (before?.reason ?? "The pool is not known any more"),
      lossPerH: revenuePerH ?? null,
      ...(revenuePerH !== undefined && { currency }),
    };
  },
};
