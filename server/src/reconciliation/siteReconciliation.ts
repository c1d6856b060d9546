import type { Ledger, LedgerFigures } from "@hashwatt/protocol/ledger";
import type { Reconciliation } from "@hashwatt/protocol/reconciliation";
import { Zone } from "@hashwatt/protocol/zone";
import type { Pool } from "../rates/pools/pool.js";
import type { TimeRange } from "../rates/slot.js";
import type { SiteRecord } from "../store/state/state.js";
import { periodFigures } from "./periodFigures.js";
import {
  dayGroups,
  type FiguresOf,
  groups,
  NO_FIGURES,
  type PeriodFigures,
  reconcileBills,
  reconcileMeter,
  reconcilePayouts,
  wholeDays,
} from "./reconcile.js";
import type { Statements } from "./statements.js";

/** What a reconciliation is made of. */
export interface ReconciliationParts {
  statements: Statements;
  /** The ledger of a site over a period, with the site's own lines of all of it. */
  ledger(site: string, range: TimeRange): Promise<Pick<Ledger, "totals" | "siteLines">>;
  /** The same without these. */
  booked(site: string, range: TimeRange): Promise<LedgerFigures>;
  /** What is later is still to be priced. */
  pricedToMs(site: string): number | undefined;
  pools(site: string): readonly Pool[];
  /** The share of the hash that firmwares took over a range, `set` where it was not measured; absent = `set`. */
  devFee?(site: string, range: TimeRange, set: number): number;
}

/** Sets what a site's pools and utility say beside what the ledger holds for the very same periods. */
export async function siteReconciliation(
  site: Pick<SiteRecord, "site" | "zone" | "currency">,
  range: TimeRange,
  parts: ReconciliationParts,
): Promise<Reconciliation> {
  const { statements, ledger, pools } = parts;
  const zone = Zone.of(site.zone);
  const all = await statements.payouts(site.site, range);
  const { bills, days } = await statements.utility(site.site, range);
  const payouts = all.filter(({ coin }) => coin === "BTC");
  const own = bills.filter(({ currency }) => currency === site.currency);
  const figuresBy = async (
    spans: readonly { fromMs: number; toMs: number }[],
    of: Parameters<typeof periodFigures>[2],
  ): Promise<FiguresOf> => {
    const known = new Map<string, PeriodFigures>();
    for (const { fromMs, toMs } of groups(spans)) {
      const period = { fromMs, toMs };
      const booked =
        of === "bill"
          ? await ledger(site.site, period)
          : { totals: await parts.booked(site.site, period), siteLines: [] };
      const told = { ...booked, ...period, zone: site.zone };
      const figures = periodFigures(told, pools(site.site), of, (set) =>
        parts.devFee ? parts.devFee(site.site, period, set) : set,
      );
      const pricedMs = Math.min(toMs, parts.pricedToMs(site.site) ?? fromMs) - fromMs;
      // Of what is not priced yet nothing is in the ledger, nor in its coverage.
      const priced = Math.max(0, pricedMs) / (toMs - fromMs);
      const [coverage, energyCoverage] = [figures.coverage, figures.energyCoverage].map((share) =>
        share === null ? null : share * priced,
      ) as [number | null, number | null];
      known.set(`${fromMs} ${toMs}`, priced > 0 ? { ...figures, coverage, energyCoverage } : NO_FIGURES);
    }
    return (fromMs, toMs) => known.get(`${fromMs} ${toMs}`) ?? NO_FIGURES;
  };
  const whole = wholeDays(days);
  const holed = dayGroups(days).length - whole.length;
  const coins = [...new Set(all.map(({ coin }) => coin))].filter((coin) => coin !== "BTC");
  const currencies = [...new Set(bills.map(({ currency }) => currency))].filter(
    (each) => each !== site.currency,
  );
  return {
    site: site.site,
    zone: site.zone,
    currency: site.currency,
    ...range,
    payouts: reconcilePayouts(payouts, await figuresBy(payouts, "payout"), zone),
    bills: reconcileBills(own, await figuresBy(own, "bill"), zone),
    meter: reconcileMeter(days, await figuresBy(whole, "meter"), zone),
    notes: [
      ...coins.map(
        (coin) => `payouts in ${coin} are kept, and compared with nothing: only bitcoin is computed`,
      ),
      ...currencies.map(
        (each) => `bills in ${each} are kept, and compared with nothing: the site counts in ${site.currency}`,
      ),
      ...(holed ? [`${holed} days of the utility's meter have a hole and are left out`] : []),
    ],
  };
}
