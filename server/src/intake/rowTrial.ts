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
   * Parts the rows of one batch by trials of ever smaller parts. A row is bad when it is refused and, after the store has
   * shown that it takes another, refused again: for the store itself may have refused, and been well a moment later. Rejects
   * when the store is at fault, or when it has never taken a row and refuses all of these.
   */
  async part(samples: readonly StoredSample[]): Promise<{ good: StoredSample[]; bad: RefusedRow[] }> {
    const proven = this.#taken !== undefined;
    const bad = new Map<StoredSample, string>();
    let last: ServerError | undefined;
    const isTaken = async (part: readonly StoredSample[]): Promise<boolean> => {
      try {
        await this.store.trial(part);
        this.taken(part);
        return true;
      } catch (error) {
        if (!mayBeRow(error)) throw error;
        last = error;
        return false;
      }
    };
    const tryOut = async (part: readonly StoredSample[]): Promise<void> => {
      if (!part.length || (await isTaken(part))) return;
      const [sample] = part;
      if (sample && part.length === 1) {
        await this.refused(last);
        if (!(await isTaken(part))) bad.set(sample, last?.message ?? "");
        return;
      }
      const middle = part.length >> 1;
      await tryOut(part.slice(0, middle));
      await tryOut(part.slice(middle));
    };
    await tryOut(samples);
    if (!this.#taken && last) throw last;
    // What was refused before the store had taken anything at all is judged anew now that it has.
    if (!proven) for (const sample of [...bad.keys()]) if (await isTaken([sample])) bad.delete(sample);
    return {
      good: samples.filter((sample) => !bad.has(sample)),
      bad: [...bad].map(([sample, why]) => ({ sample, why })),
    };
  }
}
