import { LEDGER_FACTORS, type LedgerSource } from "@hashwatt/protocol/ledger";
import { type BucketRates, valuesOf } from "../../economics/bucketRates.js";
import { addCell, noCell } from "../../economics/cellSums.js";
import { earnedBy } from "../../economics/figures.js";
import { type Cell, hourCells, paidThsHours, type RigBucket } from "../../economics/ledgerCell.js";
import { algoOfSeries, kindOfOther } from "../../rates/hashprice/revenueSeries.js";
import { BUCKET_MS, hourOf, type RollupRow } from "../../rollup/row.js";
import type {
  AlgoWork,
  Arrival,
  LedgerQuery,
  LedgerStore,
  LedgerSums,
  PricingOrder,
  RigHour,
  Stay,
  Work,
  WorkQuery,
} from "./ledger.js";
import { MemoryDevFees } from "./memoryDevFees.js";

type Rates = BucketRates & { rigs: number };
interface Row {
  startMs: number;
  rig: number;
  site: string;
  algo: string;
  sums: Cell;
}

/** A ledger that is forgotten with its process, priced by the pure functions themselves. */
export class MemoryLedger implements LedgerStore {
  readonly devFees = new MemoryDevFees();
  #arrivals: Arrival[] = [];
  readonly #rates = new Map<string, Rates & { site: string }>();
  #hours: Row[] = [];
  #steps: Row[] = [];

  /** `rows` are the 5-minute rollup rows of a range. */
  constructor(private readonly rows: (fromMs: number, toMs: number) => readonly RollupRow[]) {}

  async arrivals(): Promise<Arrival[]> {
    return this.#arrivals
      .map((arrival) => ({ ...arrival }))
      .sort((a, b) => a.rig - b.rig || a.sinceMs - b.sinceMs);
  }

  async putArrivals(arrivals: readonly Arrival[]): Promise<void> {
    const others = new Set(arrivals.map(({ rig }) => rig));
    this.#arrivals = this.#arrivals.filter(({ rig }) => !others.has(rig));
    for (const { rig, site, sinceMs } of arrivals)
      this.#arrivals.push({ rig, site, sinceMs: Math.max(-8.64e15, sinceMs) });
  }

  async work(query: WorkQuery): Promise<Work[]> {
    const sums = new Map<number, Work & { algos: AlgoWork[] }>();
    for (const bucket of this.#buckets(query)) {
      const { startMs, rig, coveredMs, powerCoveredMs, kwh, hashCoveredMs, acceptedDiff } = bucket;
      if (query.rigs && !query.rigs.includes(rig)) continue;
      const sum = sums.get(startMs) ?? {
        startMs,
        rigs: 0,
        coveredMs: 0,
        powerCoveredMs: 0,
        kwh: 0,
        algos: [],
      };
      sums.set(startMs, sum);
      sum.rigs++;
      sum.coveredMs += coveredMs;
      sum.powerCoveredMs += powerCoveredMs;
      if (powerCoveredMs > 0) sum.kwh += kwh;
      if (!(hashCoveredMs > 0)) continue;
      const series = earnedBy(bucket.algo);
      let algo = sum.algos.find((each) => each.series === series);
      if (!algo) {
        algo = { ...NO_WORK, series };
        sum.algos.push(algo);
      }
      const ths = paidThsHours(bucket);
      algo.hashCoveredMs += hashCoveredMs;
      algo.thsHours += ths;
      if (acceptedDiff !== undefined) algo.acceptedThsHours += ths;
      const fee = series === "" ? bucket.devFee : undefined;
      if (fee !== undefined) {
        algo.measuredThsHours += ths;
        algo.devFeeThsHours += ths * fee;
      }
      if (!(powerCoveredMs > 0)) continue;
      algo.bothKwh += kwh;
      algo.bothThsHours += ths;
      if (fee === undefined) continue;
      algo.bothMeasuredThsHours += ths;
      algo.bothDevFeeThsHours += ths * fee;
    }
    for (const { algos } of sums.values()) algos.sort((a, b) => (a.series < b.series ? -1 : 1));
    return [...sums.values()].sort((a, b) => a.startMs - b.startMs);
  }

  async price(order: PricingOrder): Promise<void> {
    const { site, fromMs, toMs, hoursToMs, own, buckets } = order;
    const isIn = (row: { startMs: number; site: string }) =>
      row.site === site && row.startMs >= fromMs && row.startMs < toMs;
    for (const [key, rates] of this.#rates) if (isIn(rates)) this.#rates.delete(key);
    const gone = new Map<number, number>();
    for (const { startMs, rig } of this.#buckets({
      ...order,
      stays: order.stays.filter((stay) => stay.gone),
    }))
      if (rig) gone.set(startMs, (gone.get(startMs) ?? 0) + 1);
    for (const bucket of buckets) {
      const rigs = bucket.rigs + (gone.get(bucket.startMs) ?? 0);
      this.#rates.set(`${site} ${bucket.startMs}`, structuredClone({ ...bucket, rigs, site }));
    }
    const values = new Map(buckets.map((bucket) => [bucket.startMs, valuesOf(bucket)]));
    const byHour = new Map<string, RigBucket[]>();
    for (const bucket of [...this.#buckets(order), ...own]) {
      if (!values.has(bucket.startMs)) continue;
      const key = `${bucket.rig} ${hourOf(bucket.startMs)}`;
      byHour.set(key, [...(byHour.get(key) ?? []), bucket]);
    }
    const hours = new Map<string, Row>();
    const steps = new Map<string, Row>();
    for (const group of byHour.values()) {
      group.sort((a, b) => a.startMs - b.startMs);
      for (const { bucket, cell } of hourCells(group, (startMs) => values.get(startMs) ?? {})) {
        const { rig, algo, startMs } = bucket;
        addTo(steps, { startMs, rig: 0, site, algo }, cell);
        if (startMs < hoursToMs) addTo(hours, { startMs: hourOf(startMs), rig, site, algo }, cell);
      }
    }
    this.#steps = [...this.#steps.filter((row) => !isIn(row)), ...steps.values()];
    this.#hours = [...this.#hours.filter((row) => !isIn(row) || row.startMs >= hoursToMs), ...hours.values()];
  }

  #buckets({ site, fromMs, toMs, stays }: Pick<PricingOrder, "site" | "fromMs" | "toMs" | "stays">) {
    const byRig = new Map<number, Stay[]>();
    for (const stay of stays)
      if (stay.site === site) byRig.set(stay.rig, [...(byRig.get(stay.rig) ?? []), stay]);
    return this.rows(fromMs, toMs).flatMap((row): (RigBucket & Pick<RollupRow, "coveredMs">)[] => {
      const stay = byRig.get(row.rig)?.find((each) => row.startMs >= each.fromMs && row.startMs < each.toMs);
      const devFee = this.devFees.shareAt(row.rig, row.startMs);
      return stay ? [{ ...row, algo: row.algo ?? stay.algo, devFee }] : [];
    });
  }

  async rates(site: string, fromMs: number, toMs: number): Promise<Rates[]> {
    return [...this.#rates.values()]
      .filter((row) => row.site === site && row.startMs >= fromMs && row.startMs < toMs)
      .sort((a, b) => a.startMs - b.startMs)
      .map(({ site: _site, ...rates }) => structuredClone(rates));
  }

  async spans({
    site,
    edges,
    toMs,
  }: Pick<LedgerQuery, "site" | "edges" | "toMs">): Promise<Map<number, number>> {
    const spans = new Map<number, number>();
    for (const { startMs, rigs } of await this.rates(site, edges[0] ?? toMs, toMs)) {
      const start = stretchOf(edges, startMs);
      spans.set(start, (spans.get(start) ?? 0) + rigs * BUCKET_MS);
    }
    return spans;
  }

  async sums({ site, rigs, edges, toMs }: LedgerQuery): Promise<LedgerSums[]> {
    const fromMs = edges[0] ?? toMs;
    const sums = new Map<string, LedgerSums>();
    for (const row of rigs ? this.#hours : this.#steps) {
      if (row.site !== site || row.startMs < fromMs || row.startMs >= toMs) continue;
      if (rigs && !rigs.includes(row.rig)) continue;
      const startMs = stretchOf(edges, row.startMs);
      const key = `${startMs} ${row.algo}`;
      const held = sums.get(key) ?? { startMs, algo: row.algo, sums: noCell() };
      addCell(held.sums, row.sums);
      sums.set(key, held);
    }
    return [...sums.values()].sort((a, b) => a.startMs - b.startMs || (a.algo < b.algo ? -1 : 1));
  }

  eachSum(query: LedgerQuery): Promise<LedgerSums[]> {
    return this.sums(query);
  }

  async hours({
    site,
    fromMs,
    toMs,
    rigFrom,
    rigTo,
  }: Parameters<LedgerStore["hours"]>[0]): Promise<RigHour[]> {
    return this.#hours
      .filter(
        (row) =>
          row.site === site &&
          row.startMs >= fromMs &&
          row.startMs < toMs &&
          row.rig >= Math.max(1, rigFrom) &&
          row.rig < rigTo,
      )
      .map(({ startMs, rig, algo, sums }) => ({ startMs, rig, algo, sums: { ...sums } }))
      .sort((a, b) => a.startMs - b.startMs || a.rig - b.rig || (a.algo < b.algo ? -1 : 1));
  }

  async rigHours({ site, rigs, edges, toMs }: LedgerQuery & { rigs: readonly number[] }) {
    const seen = new Map<number, Set<string>>();
    for (const row of this.#hours) {
      if (row.site !== site || row.startMs < (edges[0] ?? toMs) || row.startMs >= toMs) continue;
      if (!rigs.includes(row.rig)) continue;
      const start = stretchOf(edges, row.startMs);
      seen.set(start, (seen.get(start) ?? new Set()).add(`${row.startMs} ${row.rig}`));
    }
    return new Map([...seen].map(([start, rows]) => [start, rows.size]));
  }

  async sources(site: string, fromMs: number, toMs: number): Promise<Omit<LedgerSource, "unit">[]> {
    const rates = await this.rates(site, fromMs, toMs);
    const others = new Set(rates.flatMap((bucket) => Object.keys(bucket.others ?? {})));
    const named = [
      ...LEDGER_FACTORS.map((kind) => ({ kind, of: (bucket: BucketRates) => bucket[kind] })),
      ...[...others].sort().map((series) => ({
        kind: kindOfOther(series),
        algo: algoOfSeries(series),
        of: (bucket: BucketRates) => bucket.others?.[series],
      })),
    ];
    return named.flatMap(({ of, ...what }) => {
      const bySource = new Map<string, Omit<LedgerSource, "unit">>();
      for (const bucket of rates) {
        const { startMs } = bucket;
        const factor = of(bucket);
        if (!factor) continue;
        const { source, asOfMs, value } = factor;
        const held = bySource.get(source);
        const dates = [held?.oldestAsOfMs, held?.newestAsOfMs, asOfMs].filter((ms) => ms != null);
        bySource.set(source, {
          ...what,
          source,
          fromMs: held?.fromMs ?? startMs,
          toMs: startMs + BUCKET_MS,
          oldestAsOfMs: dates.length ? Math.min(...dates) : null,
          newestAsOfMs: dates.length ? Math.max(...dates) : null,
          min: Math.min(value, held?.min ?? value),
          max: Math.max(value, held?.max ?? value),
        });
      }
      return [...bySource.values()];
    });
  }

  async span(site: string): Promise<{ fromMs: number; toMs: number } | undefined> {
    const rates = await this.rates(site, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    const [first, last] = [rates[0], rates.at(-1)];
    return first && last && { fromMs: first.startMs, toMs: last.startMs + BUCKET_MS };
  }

  /** All of it, for a look at it. */
  all(): unknown {
    return {
      arrivals: this.#arrivals,
      devFees: this.devFees.all(),
      rates: [...this.#rates.values()],
      hours: this.#hours,
      steps: this.#steps,
    };
  }
}

const NO_WORK: AlgoWork = {
  series: "",
  hashCoveredMs: 0,
  thsHours: 0,
  acceptedThsHours: 0,
  bothKwh: 0,
  bothThsHours: 0,
  measuredThsHours: 0,
  devFeeThsHours: 0,
  bothMeasuredThsHours: 0,
  bothDevFeeThsHours: 0,
};

const stretchOf = (edges: readonly number[], ms: number): number => edges.findLast((edge) => edge <= ms)!;

function addTo(rows: Map<string, Row>, row: Omit<Row, "sums">, cell: Cell): void {
  const key = `${row.startMs} ${row.rig} ${row.algo}`;
  const held = rows.get(key) ?? { ...row, sums: noCell() };
  addCell(held.sums, cell);
  rows.set(key, held);
}
