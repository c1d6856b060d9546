import type { BreakEven, BreakEvenRow } from "@hashwatt/protocol/breakEven";
import { efficiencyJPerTh } from "@hashwatt/protocol/units";
import { breakEvenBtcPrice, breakEvenPrice, hashcostPerPhDay, type Mining } from "../economics/breakEven.js";
import { isSha256 } from "../economics/figures.js";
import type { RigView } from "../fleet/rigView.js";
import { slotAt } from "../rates/slot.js";
import type { SiteRecord } from "../store/state/state.js";
import type { FactorSlots } from "./factorSlots.js";

/** What rigs of one model sum up to now. */
interface Sums {
  rigs: number;
  of: number;
  hashrateThs: number;
  powerW: number;
}

/** Break-even of a site's rigs by model and of all together, at the rates of `nowMs`. Silent rigs are counted and sum up to nothing. */
export function breakEvenLadder(
  { site, currency }: SiteRecord,
  views: Iterable<Pick<RigView, "record" | "algo" | "reading" | "stale">>,
  rates: FactorSlots,
  nowMs: number,
): BreakEven {
  const at = (kind: Parameters<FactorSlots["slots"]>[1]): number | null =>
    slotAt(rates.slots(site, kind, { fromMs: nowMs, toMs: nowMs + 1 }), nowMs)?.value ?? null;
  const now = {
    hashpricePerPhDay: at("hashprice"),
    hashpriceBtcPerPhDay: at("hashpriceBtc"),
    poolFactor: at("poolFactor") ?? 1,
    pricePerKwh: at("price"),
    overhead: at("overhead"),
  };
  const all: Sums = { rigs: 0, of: 0, hashrateThs: 0, powerW: 0 };
  const byModel = new Map<string, Sums>();
  for (const { record, algo, reading, stale } of views) {
    if (record.site !== site || !isSha256(algo)) continue;
    const model = record.evidence.model ?? "unknown";
    const own = byModel.get(model) ?? { rigs: 0, of: 0, hashrateThs: 0, powerW: 0 };
    byModel.set(model, own);
    const { hashrateThs, powerW } = stale || !reading ? {} : reading;
    for (const sums of [own, all]) {
      sums.of++;
      if (hashrateThs === undefined || powerW === undefined) continue;
      sums.rigs++;
      sums.hashrateThs += hashrateThs;
      sums.powerW += powerW;
    }
  }
  const models = [...byModel].map(([model, sums]) => rowOf(model, sums, now));
  return {
    site,
    currency,
    atMs: nowMs,
    ...now,
    fleet: rowOf(null, all, now),
    models: models.sort(
      (a, b) =>
        (a.breakEvenPerKwh ?? Number.POSITIVE_INFINITY) - (b.breakEvenPerKwh ?? Number.POSITIVE_INFINITY) ||
        (a.model! < b.model! ? -1 : 1),
    ),
  };
}

type Now = Pick<
  BreakEven,
  "hashpricePerPhDay" | "hashpriceBtcPerPhDay" | "poolFactor" | "pricePerKwh" | "overhead"
>;

function rowOf(model: string | null, sums: Sums, now: Now): BreakEvenRow {
  const { hashpricePerPhDay, hashpriceBtcPerPhDay, poolFactor, pricePerKwh } = now;
  const efficiency = efficiencyJPerTh(sums.powerW, sums.hashrateThs) ?? null;
  const mining: Omit<Mining, "hashpricePerPhDay"> | null =
    efficiency === null ? null : { efficiencyJPerTh: efficiency, overhead: now.overhead ?? 1, poolFactor };
  const cost = mining === null || pricePerKwh === null ? null : hashcostPerPhDay(mining, pricePerKwh);
  const revenue = hashpricePerPhDay === null ? null : hashpricePerPhDay * poolFactor;
  return {
    model,
    ...sums,
    efficiencyJPerTh: efficiency,
    breakEvenPerKwh:
      mining === null || hashpricePerPhDay === null
        ? null
        : (breakEvenPrice({ ...mining, hashpricePerPhDay }) ?? null),
    hashcostPerPhDay: cost,
    marginPerPhDay: cost === null || revenue === null ? null : revenue - cost,
    breakEvenBtcPrice:
      mining === null || pricePerKwh === null || hashpriceBtcPerPhDay === null
        ? null
        : (breakEvenBtcPrice(mining, { pricePerKwh, btcPerPhDay: hashpriceBtcPerPhDay }) ?? null),
    // Revenue falls as difficulty rises, so that their ratio is how far it may rise.
    breakEvenDifficultyRatio: cost === null || revenue === null || !(cost > 0) ? null : revenue / cost,
  };
}
