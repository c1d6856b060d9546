import type {
  DifferenceCause,
  DifferencePart,
  ReconciledMonth,
  ReconciledRow,
  ReconciledTable,
} from "@hashwatt/protocol/reconciliation";
import type { Zone } from "@hashwatt/protocol/zone";
import type { TimeRange } from "../rates/slot.js";
import type { Payout } from "./payout.js";
import type { MeterDay, UtilityBill } from "./utilityBill.js";

/** What the ledger makes of a site over one period; null = not known. Money and BTC as the ledger's integers, after what it applies itself. */
export interface PeriodFigures {
  /** Share of the time that was measured, 0–1; null where no rig was known. */
  coverage: number | null;
  /** The same of `energyWh`: where a tariff begins later, more of the energy is known than of its cost. */
  energyCoverage: number | null;
  /** Thousandths of a satoshi. */
  btcMsat: number | null;
  /** Mean over the measured time. */
  hashrateThs: number | null;
  /** Share that the pool is taken to keep, 0–1, as applied in `btcMsat`; null = none is set. */
  feeRatio: number | null;
  /** Share of the hash that the firmware's maker keeps and that `btcMsat` still counts, 0–1. */
  devFeeRatio: number | null;
  /** Found over expected blocks where it is known and `btcMsat` does not have it yet. */
  luckRatio: number | null;
  energyWh: number | null;
  /** Energy alone, millionths. */
  costMillionths: number | null;
  /** Site energy over plug energy, where `energyWh` and `costMillionths` are at the plug; null = they hold it already, or it is not known. */
  overheadFactor: number | null;
  /** Demand and fixed charges of the period, millionths; null = there are none, or one of them is not known. */
  demandMillionths: number | null;
  fixedMillionths: number | null;
}

/** What leads from the computed figure towards the paid one: a factor on what stood before it, or an amount beside it. */
export type Step =
  | { cause: DifferenceCause; factor: number | null | undefined }
  | { cause: DifferenceCause; add: number | null | undefined };

/**
 * Takes a difference apart: the steps are taken in their order, each from the figure that the former left; what is not known is left out. The parts
 * and the rest are integers that add up to paid − computed.
 */
export function explain(
  computed: number,
  paid: number,
  steps: readonly Step[],
): { difference: number; parts: DifferencePart[]; rest: number } {
  const parts: DifferencePart[] = [];
  let at = computed;
  for (const step of steps) {
    let next = at;
    if ("factor" in step) {
      if (typeof step.factor !== "number" || !Number.isFinite(step.factor)) continue;
      next = at * step.factor;
    } else if (typeof step.add === "number") next = at + step.add;
    // Rounded where it stands, not by itself: so the parts add up.
    const amount = Math.round(next) - Math.round(at);
    at = next;
    if (amount !== 0)
      parts.push({ cause: step.cause, amount, ...("factor" in step && { factor: step.factor! }) });
  }
  return { difference: paid - computed, parts, rest: paid - Math.round(at) };
}

interface Group<T> {
  fromMs: number;
  toMs: number;
  of: T[];
}

/** Nothing is known of a period. */
export const NO_FIGURES: PeriodFigures = {
  coverage: null,
  energyCoverage: null,
  btcMsat: null,
  hashrateThs: null,
  feeRatio: null,
  devFeeRatio: null,
  luckRatio: null,
  energyWh: null,
  costMillionths: null,
  overheadFactor: null,
  demandMillionths: null,
  fixedMillionths: null,
};

/**
 * Statements of one stretch of time as one: what is computed is the whole site's, so that two pools, or two meters, of the same day stand against it
 * together.
 */
export function groups<T extends { fromMs: number; toMs: number }>(statements: readonly T[]): Group<T>[] {
  const sorted = [...statements].sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
  const all: Group<T>[] = [];
  for (const each of sorted) {
    const last = all.at(-1);
    if (last && each.fromMs < last.toMs) {
      last.toMs = Math.max(last.toMs, each.toMs);
      last.of.push(each);
    } else all.push({ fromMs: each.fromMs, toMs: each.toMs, of: [each] });
  }
  return all;
}

const joined = (words: Iterable<string>): string => [...new Set(words)].join(", ");
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
/** The sum where each is known. */
const sumKnown = (values: readonly (number | undefined)[]): number | null =>
  values.every((value) => value !== undefined) ? sum(values as number[]) : null;

/** `whole` where a part of the time was not measured and that part went like the rest. */
const uncovered = (coverage: number | null): Step => ({
  cause: "coverage",
  factor: coverage !== null && coverage > 0 && coverage < 1 ? 1 / coverage : null,
});

function row(
  group: { fromMs: number; toMs: number },
  of: string,
  computed: number | null,
  paid: number,
  coverage: number | null,
  steps: readonly Step[],
): Omit<ReconciledRow, "counted" | "measured"> {
  const common = { of, fromMs: group.fromMs, toMs: group.toMs, computed, paid, coverage };
  if (computed === null) return { ...common, difference: null, parts: [], rest: null };
  return { ...common, ...explain(computed, paid, steps) };
}

/** The periods that begin in each month of the zone. */
export function monthsOf(rows: readonly ReconciledRow[], zone: Zone): ReconciledMonth[] {
  const months = new Map<number, ReconciledRow[]>();
  for (const each of rows) {
    const { year, month } = zone.wall(each.fromMs);
    const fromMs = zone.instant(year, month, 1);
    months.set(fromMs, [...(months.get(fromMs) ?? []), each]);
  }
  return [...months].map(([fromMs, of]) => {
    const { year, month } = zone.wall(fromMs);
    const known = of.filter(({ computed }) => computed !== null);
    const parts = new Map<DifferenceCause, number>();
    for (const { cause, amount } of known.flatMap((each) => each.parts))
      parts.set(cause, (parts.get(cause) ?? 0) + amount);
    const timed = of.filter(({ coverage }) => coverage !== null);
    const ms = sum(timed.map((each) => each.toMs - each.fromMs));
    return {
      fromMs,
      toMs: zone.instant(year, month + 1, 1),
      computed: known.length ? sum(known.map((each) => each.computed!)) : null,
      paid: sum(of.map((each) => each.paid)),
      paidKnown: sum(known.map((each) => each.paid)),
      difference: known.length ? sum(known.map((each) => each.difference!)) : null,
      parts: [...parts].map(([cause, amount]) => ({ cause, amount })),
      rest: known.length ? sum(known.map((each) => each.rest!)) : null,
      coverage: ms > 0 ? sum(timed.map((each) => each.coverage! * (each.toMs - each.fromMs))) / ms : null,
      periods: of.length,
      periodsKnown: known.length,
    };
  });
}

export type FiguresOf = (fromMs: number, toMs: number) => PeriodFigures;

/** What pools paid in BTC beside what was computed, by settlement and month. Payouts of other coins are the caller's to leave out. */
export function reconcilePayouts(
  payouts: readonly Payout[],
  figuresOf: FiguresOf,
  zone: Zone,
): ReconciledTable {
  const rows = groups(payouts).map((group): ReconciledRow => {
    const figures = figuresOf(group.fromMs, group.toMs);
    const spanMs = group.toMs - group.fromMs;
    // A mean by the time that each pool counts over; a day that is told of in two entries names its hashrate in one.
    const said = group.of.filter(({ hashrateThs }) => hashrateThs !== undefined);
    const creditedThs = said.length
      ? sum(said.map((each) => (each.hashrateThs! * (each.toMs - each.fromMs)) / spanMs))
      : null;
    const accounts = new Set(group.of.map(({ pool, account }) => `${pool}/${account}`));
    const told = new Set(said.map(({ pool, account }) => `${pool}/${account}`));
    const countsAll = accounts.size === told.size && creditedThs !== null;
    const fees = group.of.map(({ feeRatio }) => feeRatio);
    const paid = sum(group.of.map(({ amount }) => amount));
    const feeRatio = fees.every((fee) => fee !== undefined)
      ? sum(group.of.map(({ amount, feeRatio: fee }) => amount * fee!)) / (paid || 1)
      : undefined;
    const steps: Step[] = [
      uncovered(figures.coverage),
      {
        cause: "hashrate",
        factor: countsAll && figures.hashrateThs ? creditedThs / figures.hashrateThs : null,
      },
      // What a pool credits has no share of the firmware's maker in it.
      { cause: "devFee", factor: countsAll || !figures.devFeeRatio ? null : 1 - figures.devFeeRatio },
      {
        cause: "poolFee",
        factor: feeRatio === undefined ? null : (1 - feeRatio) / (1 - (figures.feeRatio ?? 0)),
      },
      { cause: "luck", factor: figures.luckRatio },
    ];
    const reference = group.of.length === 1 ? group.of[0]!.reference : undefined;
    return {
      ...row(group, joined(accounts), figures.btcMsat, paid, figures.coverage, steps),
      counted: creditedThs === null ? null : creditedThs / 1_000,
      measured: figures.hashrateThs === null ? null : figures.hashrateThs / 1_000,
      ...(reference !== undefined && { reference }),
    };
  });
  return { unit: "mSat", rows, months: monthsOf(rows, zone) };
}

/** Tax lies on every part of a bill alike: what demand and fixed charges come to with theirs. */
const withTax = (bill: UtilityBill, part: number | undefined): number | undefined => {
  if (part === undefined || bill.tax === undefined) return part;
  const net = bill.amount - bill.tax;
  return net > 0 ? Math.round((part * bill.amount) / net) : part;
};

/** What the utility billed beside the energy cost that was computed. Bills of other currencies are the caller's to leave out. */
export function reconcileBills(
  bills: readonly UtilityBill[],
  figuresOf: FiguresOf,
  zone: Zone,
): ReconciledTable {
  const rows = groups(bills).map((group): ReconciledRow => {
    const figures = figuresOf(group.fromMs, group.toMs);
    const billedWh = sumKnown(group.of.map(({ energyWh }) => energyWh));
    const { energyWh, coverage, energyCoverage, overheadFactor } = figures;
    // Over the time that was not measured, too, and with what the site draws besides: what is left is another count of kWh.
    const expectedWh =
      energyWh === null
        ? null
        : (energyWh / (energyCoverage && energyCoverage < 1 ? energyCoverage : 1)) * (overheadFactor ?? 1);
    const demand = sumKnown(group.of.map((bill) => withTax(bill, bill.demand)));
    const fixed = sumKnown(group.of.map((bill) => withTax(bill, bill.fixed)));
    const steps: Step[] = [
      uncovered(coverage),
      { cause: "overhead", factor: overheadFactor },
      { cause: "energy", factor: billedWh !== null && expectedWh ? billedWh / expectedWh : null },
      { cause: "demand", add: demand ?? figures.demandMillionths },
      { cause: "fixed", add: fixed ?? figures.fixedMillionths },
    ];
    const paid = sum(group.of.map(({ amount }) => amount));
    const of = joined(group.of.map(({ meter }) => meter));
    const reference = group.of.length === 1 ? group.of[0]!.reference : undefined;
    return {
      ...row(group, of, figures.costMillionths, paid, coverage, steps),
      counted: billedWh === null ? null : billedWh / 1_000,
      measured: energyWh === null ? null : energyWh / 1_000,
      ...(reference !== undefined && { reference }),
    };
  });
  return { unit: "millionths", rows, months: monthsOf(rows, zone) };
}

/**
 * Days of the utility's meters in the stretches that stand against the site together. Where one of them has a hole the others are less than the site:
 * such a stretch is left out.
 */
export const wholeDays = (days: readonly MeterDay[]): Group<MeterDay & TimeRange>[] =>
  dayGroups(days).filter(({ of }) => of.every(({ energyWh }) => energyWh.every((wh) => wh !== null)));

/** The same, with those that have a hole. */
export const dayGroups = (days: readonly MeterDay[]): Group<MeterDay & TimeRange>[] =>
  groups(days.map((day) => ({ ...day, fromMs: day.startMs, toMs: day.endMs })));

/** What the utility's meters counted beside what was measured, by day. Days with a hole are left out of the comparison. */
export function reconcileMeter(days: readonly MeterDay[], figuresOf: FiguresOf, zone: Zone): ReconciledTable {
  const rows = wholeDays(days).map((group): ReconciledRow => {
    const figures = figuresOf(group.fromMs, group.toMs);
    const paid = sum(group.of.map(({ energyWh }) => sum(energyWh as number[])));
    const steps: Step[] = [
      uncovered(figures.coverage),
      { cause: "overhead", factor: figures.overheadFactor },
    ];
    const of = joined(group.of.map(({ meter }) => meter));
    return {
      ...row(group, of, figures.energyWh, paid, figures.coverage, steps),
      counted: paid / 1_000,
      measured: figures.energyWh === null ? null : figures.energyWh / 1_000,
    };
  });
  return { unit: "Wh", rows, months: monthsOf(rows, zone) };
}
