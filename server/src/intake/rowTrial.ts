import { ServerError } from "../error.js";
import type { StoredSample, TelemetryStore } from "../store/store.js";

/** So many refusals by a store that has never taken a row: the store is at fault. */
const HOPELESS = 8;

/** Whether an error may be a row's fault. No room, a closed or damaged file and what may work later never are. */
export const mayBeRow = (error: unknown): error is ServerError =>
  error instanceof ServerError && error.code === "storeFailed" && !error.retryable;

/** A row that the store refuses by itself, and why. */
export interface RefusedRow {
  sample: StoredSample;
  why: string;
}

/**
 * Tells bad rows from a store at fault, by trials that store nothing. A refusal is a row's fault only while the store
 * still takes another row, one that it has taken before.
 */
export class RowTrial {
  /** A row that the store has taken. */
  #taken: StoredSample | undefined;
  #refusals = 0;

  constructor(private readonly store: Pick<TelemetryStore, "trial">) {}

  /** The store has taken these rows. */
  taken(samples: readonly StoredSample[]): void {
    this.#taken = samples.at(-1) ?? this.#taken;
  }

  /** Begins to count refusals anew. */
  begin(): void {
    this.#refusals = 0;
  }

  /** Resolves when a refusal is the fault of what was refused. Rejects when it is the store's, with the store's error. */
  async refused(error: unknown): Promise<void> {
    if (!mayBeRow(error)) throw error;
    if (this.#taken) await this.store.trial([this.#taken]);
    else if (++this.#refusals >= HOPELESS) throw error;
  }

  /**
   * Parts the rows of one batch by trials of ever smaller parts. Rejects when the store is at fault, or when it has never
   * taken a row and refuses all of these.
   */
  async part(samples: readonly StoredSample[]): Promise<{ good: StoredSample[]; bad: RefusedRow[] }> {
    const good: StoredSample[] = [];
    const bad: RefusedRow[] = [];
    let last: ServerError | undefined;
    const tryOut = async (part: readonly StoredSample[]): Promise<void> => {
      try {
        await this.store.trial(part);
        good.push(...part);
        this.taken(part);
        return;
      } catch (error) {
        if (!mayBeRow(error)) throw error;
        last = error;
      }
      const [sample] = part;
      if (sample && part.length === 1) {
        await this.refused(last);
        bad.push({ sample, why: last.message });
        return;
      }
      const middle = part.length >> 1;
      await tryOut(part.slice(0, middle));
      await tryOut(part.slice(middle));
    };
    if (samples.length) await tryOut(samples);
    if (!this.#taken && last) throw last;
    return { good, bad };
  }
}
