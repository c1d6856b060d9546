import type { DuckDBConnection } from "@duckdb/node-api";
import type { StoredSample } from "../store.js";
import { HeldExtras } from "./heldExtras.js";
import { EXTRA_COLUMNS, EXTRA_ROW_COLUMNS } from "./migrations.js";
import { RowAppender } from "./rowAppender.js";
import { encodeExtras } from "./sampleRow.js";
import type { Texts } from "./texts.js";

/** Writes the seldom values of samples, where they need a row. */
export class ExtraRows {
  readonly #rows = new RowAppender("extras", EXTRA_ROW_COLUMNS.length);
  readonly #row = new Float64Array(EXTRA_ROW_COLUMNS.length);
  readonly #values = this.#row.subarray(0, EXTRA_COLUMNS.length);
  readonly #held = new HeldExtras();
  readonly #write = (rig: number, atMs: number, alone: boolean) => {
    this.#row[EXTRA_COLUMNS.length] = alone ? 1 : Number.NaN;
    this.#rows.add(atMs, rig, this.#row);
  };

  /** Opens the way on a connection; a former one is given up with what it held. */
  async attach(connection: DuckDBConnection): Promise<void> {
    await this.#rows.attach(connection);
    this.forget();
  }

  /** Nothing but these newest readings is known to be in the store. */
  begin(newest: readonly StoredSample[]): void {
    this.#held.begin(newest);
  }

  add(stored: StoredSample, texts: Texts): void {
    encodeExtras(stored, this.#values, texts);
    this.#held.put(stored.rig, stored.sample.atMs, this.#values, this.#write);
  }

  flush(): void {
    this.#rows.flush();
  }

  /** What was added may not be in the store: its transaction has not worked. */
  forget(): void {
    this.#held.forget();
  }
}
