import type { Payout } from "../../reconciliation/payout.js";
import type { SeriesSlots } from "../rateSeriesStore.js";
import type { Slot } from "../slot.js";
import type { SourceHttp } from "./sourceHttp.js";

/** Questions that may be asked over stretches of time; absent = as many as it takes. */
export interface QuestionLimits {
  perHour?: number | undefined;
  perDay?: number | undefined;
}

/** What a source is asked with. */
export interface RateQuestion {
  nowMs: number;
  /** The newest slot that is held of a series, so that a source is asked for what is missing. */
  last(series: string): Slot | undefined;
  http: SourceHttp;
  /** Told of a figure that the source should give and does not, or that cannot be one; the others count. */
  lacks(what: string): void;
  /** Keeps what a pool credited to an account of a site; absent where nobody keeps that. */
  payouts?: ((site: string, payouts: readonly Payout[]) => Promise<void>) | undefined;
}

/**
 * A source of rates that is asked from time to time. One file each, by kind; the scheduler has the timing, the retries and the bounds.
 */
export interface RateFetcher {
  /** Unique among those of the config. */
  readonly id: string;
  readonly kind: string;
  /** What it may give. Of two sources of one series the earlier in the config counts while it works. */
  readonly series: readonly string[];
  readonly everyMs: number;
  /** Sites that its figures are for; absent = it names none. */
  readonly sites?: readonly string[];
  /** Questions that may be asked in an hour and in a day. */
  readonly limits?: QuestionLimits;
  /** Part of this server, and no source that somebody has named: it is told of only while something is wrong. */
  readonly own?: true;
  /** What its licence wants to be said beside its figures. */
  readonly attribution?: string;
  /**
   * Asks the source. Its slots are sorted, leave gaps where it says nothing, and are open-ended where the figure holds until a newer
   * one is known. Throws ServerError `sourceFailed` with words that name no secret.
   */
  fetch(question: RateQuestion, signal: AbortSignal): Promise<SeriesSlots[]>;
}
