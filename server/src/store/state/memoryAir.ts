import { foldAir } from "../../rollup/foldAir.js";
import type { AirQuery, AirRow, AirStore } from "./state.js";

/** A history of the air that is forgotten with its process. */
export class MemoryAir implements AirStore {
  readonly #rows = new Map<string, AirRow>();

  async put(rows: readonly AirRow[]): Promise<void> {
    for (const row of rows)
      this.#rows.set(`${row.site} ${row.meter} ${row.stepMs} ${row.startMs}`, { ...row });
  }

  async rows({ site, meter, fromMs, toMs, stepMs, foldMs = stepMs }: AirQuery): Promise<AirRow[]> {
    const held = this.all().filter(
      (row) =>
        row.site === site &&
        (meter === undefined || row.meter === meter) &&
        row.stepMs === stepMs &&
        row.startMs >= fromMs &&
        row.startMs < toMs,
    );
    return foldAir(held, foldMs);
  }

  async drop(stepMs: number, beforeMs: number): Promise<void> {
    for (const [key, row] of this.#rows)
      if (row.stepMs === stepMs && row.startMs < beforeMs) this.#rows.delete(key);
  }

  /** All of it, for a look at it. */
  all(): AirRow[] {
    return [...this.#rows.values()].map((row) => ({ ...row }));
  }
}
