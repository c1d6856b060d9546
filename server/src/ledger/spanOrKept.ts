import type { TimeRange } from "../rates/slot.js";
import type { PricerOptions } from "./pricerOptions.js";

/** Tells over what of a range the ledger of a site goes, also where its store does not say. */
export class SpanOrKept {
  #isFailing = false;

  constructor(private readonly options: Pick<PricerOptions, "state" | "keepMs" | "clock" | "log">) {}

  /**
   * The part of the range that the ledger goes over; undefined where it has none, or has not begun. Where that cannot be read, the part in
   * all of what is kept until `pricedToMs`: of a change that nobody says a second time too much is looked at rather than nothing.
   */
  async within(
    site: string,
    pricedToMs: number | undefined,
    range: TimeRange,
  ): Promise<TimeRange | undefined> {
    const span = await this.#span(site, pricedToMs);
    if (!span) return undefined;
    const [fromMs, toMs] = [Math.max(range.fromMs, span.fromMs), Math.min(range.toMs, span.toMs)];
    return toMs > fromMs ? { fromMs, toMs } : undefined;
  }

  async #span(site: string, pricedToMs: number | undefined): Promise<TimeRange | undefined> {
    const { state, keepMs, clock, log } = this.options;
    try {
      const span = await state.ledger.span(site);
      if (this.#isFailing) log.info("it is read again how far ledgers go");
      this.#isFailing = false;
      return span;
    } catch (error) {
      if (!this.#isFailing) log.error({ err: error, site }, "how far a ledger goes cannot be read");
      this.#isFailing = true;
      return pricedToMs === undefined ? undefined : { fromMs: clock.nowMs() - keepMs, toMs: pricedToMs };
    }
  }
}
