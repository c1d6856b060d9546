import type { RigView } from "../../fleet/rigView.js";
import { accountOf, type UsualPools } from "../poolCensus.js";
import { RigSelector } from "../rigSelector.js";
import { isMining, MINUTE_MS } from "./numberRule.js";
import type { Rule, RuleContext, RuleSettings } from "./rule.js";

/** What a rig works for that is not meant: its pool or its account. */
interface Stray {
  pool: string;
  account: string | undefined;
  /** Whether an operator has said what is meant, or only the other rigs of the site do. */
  bySetting: boolean;
}

/** Patterns as they are compared, by the list of the setting, which many rigs share. */
const compiled = new WeakMap<readonly string[], RigSelector>();

function fits(patterns: readonly string[], names: readonly string[]): boolean {
  let selector = compiled.get(patterns);
  if (!selector) {
    selector = new RigSelector(patterns);
    compiled.set(patterns, selector);
  }
  return selector.matches(names);
}

/** Whether the pool is meant: by the operator's patterns, else by what is usual; undefined where neither tells. */
function poolIsMeant(
  url: string,
  pool: string,
  urls: readonly string[] | undefined,
  usual: UsualPools | undefined,
): boolean | undefined {
  if (urls) return fits(urls, [url, pool, pool.replace(/:\d+$/, "")]);
  return usual?.hosts.size ? usual.hosts.has(pool) : undefined;
}

function accountIsMeant(
  user: string | undefined,
  accounts: readonly string[] | undefined,
  usual: UsualPools | undefined,
): boolean | undefined {
  if (user === undefined) return undefined;
  if (accounts) return fits(accounts, [user, accountOf(user)]);
  return usual?.accounts.size ? usual.accounts.has(accountOf(user)) : undefined;
}

/**
 * The pool and the account that a rig works for, where they are not meant; undefined where they are, null where it is not known. Of a
 * rig that was `told` and has stopped it is the pool that it will begin with: by standing still nobody is turned out.
 */
function stray(
  view: RigView,
  context: RuleContext,
  { urls, accounts }: RuleSettings,
  told: boolean,
): Stray | undefined | null {
  const { pools } = context;
  const listed = view.record.evidence.pools;
  const url = view.reading?.pool ?? (told ? listed?.[0]?.url : undefined);
  if (!pools || url === undefined) return null;
  const usual = pools.usual(view.record.site);
  const pool = pools.hostOf(url);
  // A list that does not name the pool in use is older than it: whose account works there is not known.
  const there = listed?.filter((each) => pools.hostOf(each.url) === pool);
  const user = (there?.find((each) => each.active) ?? there?.[0])?.user;
  const rightPool = poolIsMeant(url, pool, urls, usual);
  const rightAccount = accountIsMeant(user, accounts, usual);
  const account = user === undefined ? undefined : accountOf(user);
  if (rightPool === false) return { pool, account, bySetting: urls !== undefined };
  if (rightAccount === false && (rightPool || accounts))
    return { pool, account, bySetting: accounts !== undefined };
  return rightPool === undefined && rightAccount === undefined ? null : undefined;
}

/**
 * A rig works for a pool, or an account of it, that is not meant, for two minutes: somebody has changed its settings. The real
 * address and user are compared, as the rig tells them: with the patterns of the setting, and where it names none, with what a
 * fifth of the site's rigs have in their lists.
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
  check(view, firing, context, settings) {
    const mining = isMining(view);
    if (mining === undefined) return "unknown";
    const found = stray(view, context, settings, firing && !mining);
    return found === null ? (mining ? "unknown" : "clear") : found ? "breach" : "clear";
  },
  step: () => 1,
  describe(view, context, _sinceMs, before, settings) {
    const found = stray(view, context, settings, before !== undefined && isMining(view) === false);
    const usual = context.pools?.usual(view.record.site);
    const { revenuePerH } = view.figures;
    const { currency } = context.rates(view.record.site);
    const of = found?.account === undefined ? "" : ` for the account ${found.account}`;
    const first = (names: Iterable<string> | undefined) => [...(names ?? [])].slice(0, 3).join(", ");
    const meant = [...(settings.urls ?? []), ...(settings.accounts ?? [])];
    return {
      value: null,
      limit: null,
      unit: "",
      limitSource:
        found?.bySetting && settings.setBy !== undefined
          ? settings.setBy
          : `what the ${usual?.rigs ?? 0} rigs of its site have in their lists`,
      reason: !found
        ? (before?.reason ?? "The pool is not known any more")
        : found.bySetting
          ? `Works at ${found.pool}${of}, which is not meant; meant are ${first(meant)}`
          : `Works at ${found.pool}${of}, which hardly any other rig of its site does; usual are ${first(usual?.hosts)}`,
      lossPerH: revenuePerH ?? null,
      ...(revenuePerH !== undefined && { currency }),
    };
  },
};
