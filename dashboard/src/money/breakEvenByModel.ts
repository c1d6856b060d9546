import type { FleetTable } from "../feed/fleetTable.js";
import { rigStatus } from "../fleet/rigStatus.js";

/** What the rigs of one model that report now earn and draw. Money per hour and kWh in the site's currency; null = not known. */
export interface ModelBreakEven {
  /** Its make where only that is known; null for rigs that say neither. */
  model: string | null;
  algo: string | null;
  rigs: number;
  /** Rigs whose revenue and power are both known: the ratios are of these. */
  known: number;
  jPerTh: number | null;
  /** Price per kWh at which energy eats the revenue. */
  breakEvenPerKwh: number | null;
  pricePerKwh: number | null;
  profitPerH: number | null;
}

/** Break-even by model and algorithm over the given rigs, the lowest first: what is to be stopped first as prices rise. */
export function breakEvenByModel(
  table: FleetTable,
  rigs: readonly number[],
  nowMs: number,
): ModelBreakEven[] {
  const models = new Map<
    string,
    { entry: ModelBreakEven; w: number; ths: number; revenue: number; cost: number }
  >();
  for (const rig of rigs) {
    const row = table.row(rig);
    if (row === undefined) continue;
    const model = table.text("model", row) ?? table.text("make", row);
    const algo = table.text("algo", row);
    const key = `${model} ${algo}`;
    let of = models.get(key);
    if (!of) {
      const entry = {
        model,
        algo,
        rigs: 0,
        known: 0,
        jPerTh: null,
        breakEvenPerKwh: null,
        pricePerKwh: null,
        profitPerH: null,
      };
      of = { entry, w: 0, ths: 0, revenue: 0, cost: 0 };
      models.set(key, of);
    }
    of.entry.rigs++;
    const powerW = table.number("powerW", row);
    const hashrateThs = table.number("hashrateThs", row);
    const revenue = table.number("revenuePerH", row);
    const cost = table.number("costPerH", row);
    const status = rigStatus(table, row, nowMs);
    if (status !== "mining" || powerW === null || hashrateThs === null || revenue === null || cost === null)
      continue;
    of.entry.known++;
    of.w += powerW;
    of.ths += hashrateThs;
    of.revenue += revenue;
    of.cost += cost;
  }
  return [...models.values()]
    .map(({ entry, w, ths, revenue, cost }) =>
      entry.known === 0 || w <= 0
        ? entry
        : {
            ...entry,
            jPerTh: ths > 0 ? w / ths : null,
            breakEvenPerKwh: revenue / (w / 1000),
            pricePerKwh: cost / (w / 1000),
            profitPerH: revenue - cost,
          },
    )
    .sort(
      (a, b) =>
        (a.breakEvenPerKwh ?? Number.POSITIVE_INFINITY) - (b.breakEvenPerKwh ?? Number.POSITIVE_INFINITY) ||
        b.rigs - a.rigs,
    );
}
