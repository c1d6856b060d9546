import type { Logger } from "pino";
import type { StateStore } from "../../store/state/state.js";

/** How often it is looked at. */
const EVERY_MS = 3_600_000;
/** Alerts are kept so long after their end, and what was decided about them. */
export const KEEP_ALERTS_MS = 400 * 86_400_000;

/** Takes what was decided about alerts of more than 400 days ago out of the store. */
export class HistoryTrim {
  readonly #store: Pick<StateStore, "alertCare">;
  readonly #log: Pick<Logger, "warn">;
  #lastMs = Number.NEGATIVE_INFINITY;
  #isFailing = false;

  constructor(store: Pick<StateStore, "alertCare">, log: Pick<Logger, "warn">) {
    this.#store = store;
    this.#log = log;
  }

  /** Whether it is time again; true once an hour. */
  isDue(nowMs: number): boolean {
    if (nowMs - this.#lastMs < EVERY_MS && nowMs >= this.#lastMs) return false;
    this.#lastMs = nowMs;
    return true;
  }

  /** Trims. What fails is said once, until it works again; till then it costs room and nothing else. */
  async run(nowMs: number): Promise<void> {
    try {
      await this.#store.alertCare.trim(nowMs - KEEP_ALERTS_MS);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#log.warn({ err: error }, "history of alerts not trimmed");
      this.#isFailing = true;
    }
  }
}
