import type { FleetTable } from "../feed/fleetTable.js";
import { rigStatus } from "../fleet/rigStatus.js";

/**
 * What keeps figures of a model from being known, the first that does: that it hashes, what it mines, what that earns, what it draws (without
 * each of these there is no break-even), what energy costs (without this there is one, and no profit).
 */
export type Missing = "hash" | "algo" | "hashprice" | "power" | "price";

/** What the rigs of one model that report now earn and draw. Money per hour and kWh in the site's currency; null = not known. */
export interface ModelBreakEven {
  /** Its make where only that is known; null for rigs that say neither. */
  model: string | null;
  algo: string | null;
  rigs: number;
  /** Rigs whose revenue and power are both known: the ratios are of these. */
  known: number;
  /** Null where nothing is. */
  missing: Missing | null;
  jPerTh: number | null;
  /** Price per kWh at which energy eats the revenue. */
  breakEvenPerKwh: number | null;
  pricePerKwh: number | null;
  profitPerH: number | null;
}

/** Sums of the rigs of one model. */
interface Sums {
  model: string | null;
  algo: string | null;
  rigs: number;
  hashing: number;
  earning: number;
  known: number;
  priced: number;
  w: number;
  ths: number;
  revenue: number;
  cost: number;
}

/** Break-even by model and algorithm over the given rigs, the lowest first: what is to be stopped first as prices rise. */
export function breakEvenByModel(
  table: FleetTable,
  rigs: readonly number[],
  nowMs: number,
): ModelBreakEven[] {
  const models = new Map<string, Sums>();
  for (const rig of rigs) {
    const row = table.row(rig);
    if (row === undefined) continue;
    const model = table.text("model", row) ?? table.text("make", row);
    const algo = table.text("algo", row);
    const key = `${model} ${algo}`;
    let of = models.get(key);
    if (!of) {
      const none = { hashing: 0, earning: 0, known: 0, priced: 0, w: 0, ths: 0, revenue: 0, cost: 0 };
      of = { model, algo, rigs: 0, ...none };
      models.set(key, of);
    }
    of.rigs++;
    const powerW = table.number("powerW", row);
    const hashrateThs = table.number("hashrateThs", row);
    const revenue = table.number("revenuePerH", row);
    const cost = table.number("costPerH", row);
    if (rigStatus(table, row, nowMs) !== "mining" || hashrateThs === null) continue;
    of.hashing++;
    if (revenue === null) continue;
    of.earning++;
    if (powerW === null) continue;
    of.known++;
    of.w += powerW;
    of.ths += hashrateThs;
    of.revenue += revenue;
    if (cost === null) continue;
    of.priced++;
    of.cost += cost;
  }
  return [...models.values()]
    .map(breakEvenOf)
    .sort(
      (a, b) =>
        (a.breakEvenPerKwh ?? Number.POSITIVE_INFINITY) - (b.breakEvenPerKwh ?? Number.POSITIVE_INFINITY) ||
        b.rigs - a.rigs,
    );
}

function breakEvenOf(sums: Sums): ModelBreakEven {
  const { model, algo, rigs, known, w, ths, revenue, cost } = sums;
  const drawn = known > 0 && w > 0;
  const priced = drawn && sums.priced === known;
  return {
    model,
    algo,
    rigs,
    known,
    missing: missingOf(sums),
    jPerTh: drawn && ths > 0 ? w / ths : null,
    breakEvenPerKwh: drawn ? revenue / (w / 1000) : null,
    pricePerKwh: priced ? cost / (w / 1000) : null,
    profitPerH: priced ? revenue - cost : null,
  };
}

function missingOf({ algo, hashing, earning, known, priced }: Sums): Missing | null {
  if (hashing === 0) return "hash";
  if (earning === 0) return algo === null ? "algo" : "hashprice";
  if (known === 0) return "power";
  return priced < known ? "price" : null;
}
