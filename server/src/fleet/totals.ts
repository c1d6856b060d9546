import type { AlgoTotals, RatesPerHour, ScopeTotals } from "@hashwatt/protocol/http";
import type { PowerSource } from "@hashwatt/protocol/sample";
import { efficiencyJPerTh } from "@hashwatt/protocol/units";
import { breakEvenPerKwh, type PricedBy } from "../economics/figures.js";
import { UNKNOWN_ALGO } from "../rollup/fold.js";
import { isReporting, type RigView } from "./rigView.js";

/** A sum and over how many rigs it runs; nothing summed is unknown, not 0. */
interface Sum {
  total: number;
  rigs: number;
}
const sum = (): Sum => ({ total: 0, rigs: 0 });
const add = (into: Sum, value: number | undefined): void => {
  if (value === undefined) return;
  into.total += value;
  into.rigs++;
};
const known = (of: Sum): number | null => (of.rigs ? of.total : null);

interface AlgoSums {
  rigs: number;
  reporting: number;
  hashrateThs: Sum;
  nominalThs: Sum;
  powerW: Sum;
  /** W and TH/s of the rigs that report both, for the ratio. */
  bothW: number;
  bothThs: number;
}
interface MoneySums {
  revenue: Sum;
  cost: Sum;
  profit: Sum;
  /** Revenue and W of the hashing rigs that have both. */
  hashingRevenue: number;
  hashingW: number;
}

/** Adds up rigs of one scope (a site, or the fleet). Only what was reported lately counts; the rest is counted as unknown. */
export class ScopeSums {
  #rigs = 0;
  #reporting = 0;
  #hottestChipC: number | null = null;
  #alertsFiring = 0;
  readonly #powerW = sum();
  readonly #co2 = sum();
  readonly #byStatus: Record<string, number> = {};
  readonly #powerBySource: Partial<Record<PowerSource, number>> = {};
  readonly #algos = new Map<string, AlgoSums>();
  readonly #money = new Map<string, MoneySums>();

  /** Adds a rig whose site counts in `currency` and on which `firing` alerts fire. */
  add(view: RigView, currency: string, firing: number): void {
    const { reading, figures } = view;
    const reporting = isReporting(view);
    this.#rigs++;
    this.#alertsFiring += firing;
    const status = view.stale || !reading ? "stale" : reading.status;
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    const algo = this.#algo(view.algo ?? UNKNOWN_ALGO);
    // Two rigs that do not tell what they mine may mine different things: they are counted, and their rates are no sum.
    const told = view.algo !== undefined;
    algo.rigs++;
    if (told) add(algo.nominalThs, view.record.evidence.nominalThs);
    const money = this.#moneyOf(currency);
    if (!reporting || !reading) return;
    this.#reporting++;
    algo.reporting++;
    const { powerW, hashrateThs, chipTempC } = reading;
    if (told) add(algo.hashrateThs, hashrateThs);
    add(algo.powerW, powerW);
    add(this.#powerW, powerW);
    if (powerW !== undefined) {
      if (reading.powerSource)
        this.#powerBySource[reading.powerSource] = (this.#powerBySource[reading.powerSource] ?? 0) + powerW;
      if (told && hashrateThs !== undefined) {
        algo.bothW += powerW;
        algo.bothThs += hashrateThs;
      }
    }
    add(this.#co2, figures.co2KgPerH);
    add(money.revenue, figures.revenuePerH);
    add(money.cost, figures.costPerH);
    add(money.profit, figures.profitPerH);
    if (
      figures.revenuePerH !== undefined &&
      powerW !== undefined &&
      hashrateThs !== undefined &&
      hashrateThs > 0
    ) {
      money.hashingRevenue += figures.revenuePerH;
      money.hashingW += powerW;
    }
    if (chipTempC !== undefined && (this.#hottestChipC === null || chipTempC > this.#hottestChipC))
      this.#hottestChipC = chipTempC;
  }

  /** Sum of what the rigs draw, W; null while nobody says. */
  get powerW(): number | null {
    return known(this.#powerW);
  }

  /**
   * Counts what a site's meter says in place of what its rigs say, in this scope of the site and in `all` that it is part of: cost
   * and carbon of everything that the site draws. What has no price stays unknown.
   */
  useMeter(powerW: number, currency: string, by: PricedBy, all: ScopeSums): void {
    const kw = powerW / 1_000;
    if (by.pricePerKwh !== undefined) {
      const cost = kw * by.pricePerKwh;
      const [own, whole] = [this.#moneyOf(currency), all.#moneyOf(currency)];
      const before = { cost: { ...own.cost }, profit: { ...own.profit } };
      own.cost = { total: cost, rigs: this.#rigs };
      // What earns nothing yet costs all the same, but is no profit that anybody knows.
      if (own.revenue.rigs) own.profit = { total: own.revenue.total - cost, rigs: own.revenue.rigs };
      for (const part of ["cost", "profit"] as const) {
        whole[part].total += own[part].total - before[part].total;
        whole[part].rigs += own[part].rigs - before[part].rigs;
      }
    }
    if (by.kgCo2PerKwh !== undefined) {
      const before = { ...this.#co2 };
      Object.assign(this.#co2, { total: kw * by.kgCo2PerKwh, rigs: this.#rigs });
      all.#co2.total += this.#co2.total - before.total;
      all.#co2.rigs += this.#co2.rigs - before.rigs;
    }
  }

  totals(): ScopeTotals {
    return {
      rigs: this.#rigs,
      reporting: this.#reporting,
      byStatus: this.#byStatus,
      algos: [...this.#algos].map(([algo, sums]) => algoTotals(algo, sums)),
      powerW: known(this.#powerW),
      powerBySource: this.#powerBySource,
      powerUnknownRigs: this.#rigs - this.#powerW.rigs,
      money: [...this.#money].map(([currency, sums]) => moneyTotals(currency, sums)),
      co2KgPerH: known(this.#co2),
      co2Rigs: this.#co2.rigs,
      hottestChipC: this.#hottestChipC,
      alertsFiring: this.#alertsFiring,
    };
  }

  #algo(algo: string): AlgoSums {
    let sums = this.#algos.get(algo);
    if (!sums) {
      sums = {
        rigs: 0,
        reporting: 0,
        hashrateThs: sum(),
        nominalThs: sum(),
        powerW: sum(),
        bothW: 0,
        bothThs: 0,
      };
      this.#algos.set(algo, sums);
    }
    return sums;
  }

  #moneyOf(currency: string): MoneySums {
    let sums = this.#money.get(currency);
    if (!sums) {
      sums = { revenue: sum(), cost: sum(), profit: sum(), hashingRevenue: 0, hashingW: 0 };
      this.#money.set(currency, sums);
    }
    return sums;
  }
}

const algoTotals = (algo: string, sums: AlgoSums): AlgoTotals => ({
  algo,
  rigs: sums.rigs,
  reporting: sums.reporting,
  hashrateThs: known(sums.hashrateThs),
  nominalThs: known(sums.nominalThs),
  nominalRigs: sums.nominalThs.rigs,
  powerW: known(sums.powerW),
  efficiencyJPerTh: efficiencyJPerTh(sums.bothW, sums.bothThs) ?? null,
});

const moneyTotals = (currency: string, sums: MoneySums): RatesPerHour => ({
  currency,
  revenuePerH: known(sums.revenue),
  costPerH: known(sums.cost),
  profitPerH: known(sums.profit),
  revenueRigs: sums.revenue.rigs,
  costRigs: sums.cost.rigs,
  profitRigs: sums.profit.rigs,
  breakEvenPerKwh: breakEvenPerKwh(sums.hashingRevenue, sums.hashingW) ?? null,
});
