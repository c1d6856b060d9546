import type { BreakEven, BreakEvenAlgo, BreakEvenRow } from "@hashwatt/protocol/breakEven";
import { efficiencyJPerTh } from "@hashwatt/protocol/units";
import { breakEvenBtcPrice, breakEvenPrice, hashcostPerPhDay, type Mining } from "../economics/breakEven.js";
import { isSha256 } from "../economics/figures.js";
import type { RigView } from "../fleet/rigView.js";
import { algoOfSeries, poolSeries, revenueSeries } from "../rates/hashprice/revenueSeries.js";
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

/** What rigs of one algorithm are worth by. */
type Now = Pick<BreakEvenAlgo, "hashpricePerPhDay" | "hashpriceBtcPerPhDay" | "poolFactor"> &
  Pick<BreakEven, "pricePerKwh" | "overhead">;

const none = (): Sums => ({ rigs: 0, of: 0, hashrateThs: 0, powerW: 0 });
const SHA256 = "sha256";

/**
 * Break-even of a site's rigs by algorithm and model, and of all of an algorithm together, at the rates of `nowMs`. Silent rigs are
 * counted and sum up to nothing; a rig that is not known for an algorithm is nowhere.
 */
export function breakEvenLadder(
  { site, currency }: SiteRecord,
  views: Iterable<Pick<RigView, "record" | "algo" | "reading" | "stale">>,
  rates: FactorSlots,
  nowMs: number,
): BreakEven {
  const range = { fromMs: nowMs, toMs: nowMs + 1 };
  const slotOf = (kind: Parameters<FactorSlots["slots"]>[1]) => slotAt(rates.slots(site, kind, range), nowMs);
  const at = (kind: Parameters<FactorSlots["slots"]>[1]): number | null => slotOf(kind)?.value ?? null;
  const bought = { pricePerKwh: at("price"), overhead: at("overhead") };
  const own = slotAt(rates.poolMean(site, range), nowMs)?.value;
  const others = rates.otherFactors(site, range);
  const other = (series: string): number | null => {
    const slots = others.get(series);
    return slots ? (slotAt(slots, nowMs)?.value ?? null) : null;
  };
  const nowOf = (algo: string): Now =>
    algo === SHA256
      ? {
          ...bought,
          hashpricePerPhDay: at("hashprice"),
          hashpriceBtcPerPhDay: at("hashpriceBtc"),
          poolFactor: own ?? 1,
        }
      : {
          ...bought,
          hashpricePerPhDay: other(revenueSeries(algo)),
          hashpriceBtcPerPhDay: null,
          poolFactor: other(poolSeries(algo)) ?? own ?? 1,
        };
  const byAlgo = new Map<string, Map<string, Sums>>([[SHA256, new Map()]]);
  for (const { record, algo, reading, stale } of views) {
    if (record.site !== site || algo === undefined) continue;
    const name = isSha256(algo) ? SHA256 : algoOfSeries(revenueSeries(algo));
    const models = byAlgo.get(name) ?? new Map<string, Sums>();
    byAlgo.set(name, models);
    const model = record.evidence.model ?? "unknown";
    const sums = models.get(model) ?? none();
    models.set(model, sums);
    sums.of++;
    const { hashrateThs, powerW } = stale || !reading ? {} : reading;
    if (hashrateThs === undefined || powerW === undefined) continue;
    sums.rigs++;
    sums.hashrateThs += hashrateThs;
    sums.powerW += powerW;
  }
  const algos = [...byAlgo]
    .sort(([a], [b]) => Number(b === SHA256) - Number(a === SHA256) || (a < b ? -1 : 1))
    .map(([algo, models]) => algoOf(algo, models, nowOf(algo)));
  const [sha256] = algos as [BreakEvenAlgo, ...BreakEvenAlgo[]];
  const { hashpricePerPhDay, hashpriceBtcPerPhDay, poolFactor, fleet, models } = sha256;
  return {
    site,
    currency,
    atMs: nowMs,
    ...{ hashpricePerPhDay, hashpriceBtcPerPhDay, poolFactor },
    ...bought,
    overheadSource: slotOf("overhead")?.source ?? null,
    ...{ fleet, models },
    algos: algos.filter(({ fleet: { of } }) => of > 0),
  };
}

function algoOf(algo: string, byModel: ReadonlyMap<string, Sums>, now: Now): BreakEvenAlgo {
  const all = none();
  for (const sums of byModel.values()) {
    all.rigs += sums.rigs;
    all.of += sums.of;
    all.hashrateThs += sums.hashrateThs;
    all.powerW += sums.powerW;
  }
  const models = [...byModel].map(([model, sums]) => rowOf(model, sums, now));
  const { hashpricePerPhDay, hashpriceBtcPerPhDay, poolFactor, pricePerKwh } = now;
  const needed = algo === SHA256 ? "a hashprice" : `the series ${revenueSeries(algo)}`;
  return {
    algo,
    hashpricePerPhDay,
    hashpriceBtcPerPhDay,
    poolFactor,
    fleet: rowOf(null, all, now),
    models: models.sort(
      (a, b) =>
        (a.breakEvenPerKwh ?? Number.POSITIVE_INFINITY) - (b.breakEvenPerKwh ?? Number.POSITIVE_INFINITY) ||
        (a.model! < b.model! ? -1 : 1),
    ),
    unknown: [
      ...(hashpricePerPhDay === null
        ? [`what 1 PH/s of ${algo} earns is not known now: a source or an import of ${needed} would tell it`]
        : []),
      ...(pricePerKwh === null ? ["what a kWh costs is not known now: set a tariff for the site"] : []),
      ...(all.rigs === 0 ? ["no rig of it tells both hashrate and power now"] : []),
    ],
  };
}

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
