import type { Ledger } from "@hashwatt/protocol/ledger";
import type { Reconciliation } from "@hashwatt/protocol/reconciliation";
import { Zone } from "@hashwatt/protocol/zone";
import type { Pool } from "../rates/pools/pool.js";
import type { TimeRange } from "../rates/slot.js";
import type { SiteRecord } from "../store/state/state.js";
import { periodFigures } from "./periodFigures.js";
import {
  type FiguresOf,
  groups,
  NO_FIGURES,
  type PeriodFigures,
  reconcileBills,
  reconcileMeter,
  reconcilePayouts,
} from "./reconcile.js";
import type { Statements } from "./statements.js";

/** What a reconciliation is made of. */
export interface ReconciliationParts {
  statements: Statements;
  /** The ledger of a site over a period, in one row. */
  ledger(site: string, range: TimeRange): Promise<Ledger>;
  pools(site: string): readonly Pool[];
}

/** Sets what a site's pools and utility say beside what the ledger holds for the very same periods. */
export async function siteReconciliation(
  site: Pick<SiteRecord, "site" | "zone" | "currency">,
  range: TimeRange,
  { statements, ledger, pools }: ReconciliationParts,
): Promise<Reconciliation> {
  const zone = Zone.of(site.zone);
  const all = await statements.payouts(site.site, range);
  const { bills, days } = await statements.utility(site.site, range);
  const payouts = all.filter(({ coin }) => coin === "BTC");
  const own = bills.filter(({ currency }) => currency === site.currency);
  const figures = async (
    spans: readonly { fromMs: number; toMs: number }[],
    of: Parameters<typeof periodFigures>[2],
  ): Promise<FiguresOf> => {
    const known = new Map<string, PeriodFigures>();
    for (const { fromMs, toMs } of groups(spans))
      known.set(
        `${fromMs} ${toMs}`,
        periodFigures(await ledger(site.site, { fromMs, toMs }), pools(site.site), of),
      );
    return (fromMs, toMs) => known.get(`${fromMs} ${toMs}`) ?? NO_FIGURES;
  };
  const whole = days.filter(({ energyWh }) => energyWh.every((wh) => wh !== null));
  const spans = whole.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs }));
  const coins = [...new Set(all.map(({ coin }) => coin))].filter((coin) => coin !== "BTC");
  const currencies = [...new Set(bills.map(({ currency }) => currency))].filter(
    (each) => each !== site.currency,
  );
  return {
    site: site.site,
    zone: site.zone,
    currency: site.currency,
    ...range,
    payouts: reconcilePayouts(payouts, await figures(payouts, "payout"), zone),
    bills: reconcileBills(own, await figures(own, "bill"), zone),
    meter: reconcileMeter(days, await figures(spans, "meter"), zone),
    notes: [
      ...coins.map(
        (coin) => `payouts in ${coin} are kept, and compared with nothing: only bitcoin is computed`,
      ),
      ...currencies.map(
        (each) => `bills in ${each} are kept, and compared with nothing: the site counts in ${site.currency}`,
      ),
      ...(whole.length < days.length
        ? [`${days.length - whole.length} days of the utility's meter have a hole and are left out`]
        : []),
    ],
  };
}
