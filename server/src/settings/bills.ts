import type { Bill } from "@hashwatt/protocol/settings";
import { Zone } from "@hashwatt/protocol/zone";
import { ServerError } from "../error.js";
import type { Rates } from "../rates/rates.js";
import { siteEnergy } from "../rates/siteEnergy.js";
import type { TimeRange } from "../rates/slot.js";
import { bill, periodsOf, powerMeans } from "../rates/tariffs/bill.js";
import type { BillingPeriod } from "../rates/tariffs/billingPeriod.js";
import type { PowerMean } from "../rates/tariffs/demand.js";
import { earlierPeaks, type KnownPeaks } from "../rates/tariffs/earlierPeaks.js";
import type { Tariff } from "../rates/tariffs/tariff.js";
import { BUCKET_MS } from "../rollup/row.js";
import type { SiteRecord, StateStore } from "../store/state/state.js";
import type { Settings } from "./settings.js";
import { tariffKind } from "./tariffKind.js";

/** Billing periods in one answer. */
const MAX_BILLS = 40;

/** What bills are made of. */
export interface BillsParts {
  state: Pick<StateStore, "siteColumns">;
  settings: Settings;
  rates: Pick<Rates, "slots" | "priceContext">;
  clock: { nowMs(): number };
}

/** Bills of sites, from what their meters or their rigs drew. */
export class Bills {
  readonly #parts: BillsParts;

  constructor(parts: BillsParts) {
    this.#parts = parts;
  }

  /**
   * Bills of the billing periods that touch a range, by tariff and period, oldest first. One that begins later than now has none. Throws
   * ServerError `badRequest` for a range with more of them than one answer has.
   */
  async of(site: SiteRecord, range: TimeRange): Promise<Bill[]> {
    const { length } = this.#wanted(site, range);
    if (length > MAX_BILLS)
      throw new ServerError(
        "badRequest",
        `from: the range has ${length} billing periods; ask for ${MAX_BILLS} at most`,
      );
    return this.all(site, range);
  }

  /** The same of however many there are. */
  async all(site: SiteRecord, range: TimeRange): Promise<Bill[]> {
    const nowMs = this.#parts.clock.nowMs();
    const bills: Bill[] = [];
    const peaks: KnownPeaks = new Map();
    for (const { tariff, period } of this.#wanted(site, range))
      bills.push(await this.#bill(site, Zone.of(site.zone), tariff, period, nowMs, peaks));
    return bills;
  }

  /** Tariffs with the billing periods that have begun and touch a range. */
  #wanted(site: SiteRecord, range: TimeRange): { tariff: Tariff; period: BillingPeriod }[] {
    const { settings, clock } = this.#parts;
    const zone = Zone.of(site.zone);
    const toMs = Math.min(range.toMs, clock.nowMs());
    return settings
      .values(tariffKind, site.site)
      .map(({ value }) => value)
      .sort((a, b) => a.validFrom.localeCompare(b.validFrom))
      .flatMap((tariff) =>
        periodsOf(tariff, zone, { fromMs: range.fromMs, toMs }).map((period) => ({ tariff, period })),
      );
  }

  async #bill(
    { site }: SiteRecord,
    zone: Zone,
    tariff: Tariff,
    period: BillingPeriod,
    nowMs: number,
    known: KnownPeaks,
  ): Promise<Bill> {
    // Of a step that is not over nothing is stored.
    const toMs = Math.min(period.endMs, Math.floor(nowMs / BUCKET_MS) * BUCKET_MS);
    const { intervals, basis, overhead } = await this.#energy(site, period.startMs, toMs);
    const peaks = await this.#peaks(site, tariff);
    const energyOf = async (fromMs: number, toMs: number) =>
      (await this.#energy(site, fromMs, toMs)).intervals;
    const earlierKw = await earlierPeaks(tariff, zone, period.startMs, energyOf, known);
    const { series } = this.#parts.rates.priceContext(site, tariff);
    return bill(tariff, zone, site, period, {
      intervals,
      basis,
      overhead,
      toMs,
      ...(series && { series }),
      ...(peaks && { peaks }),
      ...(earlierKw && { earlierKw }),
    });
  }

  #energy(site: string, fromMs: number, toMs: number) {
    const { state, rates } = this.#parts;
    const overhead = rates.slots(site, "overhead", { fromMs, toMs });
    return siteEnergy(state, site, { fromMs, toMs, stepMs: BUCKET_MS }, overhead);
  }

  /** Mean powers during the peaks that a tariff names, of whenever. */
  async #peaks(site: string, tariff: Tariff): Promise<PowerMean[] | undefined> {
    const terms = tariff.demand.filter((term) => term.kind === "coincident");
    if (!terms.length) return undefined;
    const means: PowerMean[] = [];
    for (const { start, minutes } of terms.flatMap(({ peaks }) => peaks)) {
      const fromMs = Date.parse(start);
      const { intervals } = await this.#energy(
        site,
        Math.floor(fromMs / BUCKET_MS) * BUCKET_MS,
        fromMs + minutes * 60_000,
      );
      means.push(...powerMeans(intervals));
    }
    return means;
  }
}
