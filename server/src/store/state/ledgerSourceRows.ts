import type { DuckDBValue } from "@duckdb/node-api";
import { LEDGER_FACTORS, type LedgerSource } from "@hashwatt/protocol/ledger";
import { BUCKET_MS } from "../../rollup/row.js";
import { FACTOR_COLUMNS } from "./ledger.js";

type Source = Omit<LedgerSource, "unit">;

const orNull = (value: DuckDBValue | undefined): number | null => (typeof value === "number" ? value : null);
const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
const least = (...values: (number | null)[]): number | null =>
  known(values).length ? Math.min(...known(values)) : null;
const most = (...values: (number | null)[]): number | null =>
  known(values).length ? Math.max(...known(values)) : null;

/** The sources of each factor, from rows by all sources together and by which of the factors are known. */
export function sourcesOf(
  rows: readonly Record<string, DuckDBValue>[],
  textOf: (id: DuckDBValue | undefined) => string,
): Source[] {
  return LEDGER_FACTORS.flatMap((kind) => {
    const name = FACTOR_COLUMNS[kind];
    const bySource = new Map<string, Source>();
    for (const row of rows) {
      const [min, max] = [orNull(row[`${name}_low`]), orNull(row[`${name}_high`])];
      if (min === null || max === null) continue;
      const source = textOf(row[`${name}_source`]);
      const held = bySource.get(source);
      const [fromMs, lastMs] = [Number(row.first), Number(row.last)];
      bySource.set(source, {
        kind,
        source,
        fromMs: Math.min(fromMs, held?.fromMs ?? fromMs),
        toMs: Math.max(lastMs + BUCKET_MS, held?.toMs ?? 0),
        oldestAsOfMs: least(orNull(row[`${name}_oldest`]), held?.oldestAsOfMs ?? null),
        newestAsOfMs: most(orNull(row[`${name}_newest`]), held?.newestAsOfMs ?? null),
        min: Math.min(min, held?.min ?? min),
        max: Math.max(max, held?.max ?? max),
      });
    }
    return [...bySource.values()].sort((a, b) => a.fromMs - b.fromMs);
  });
}
