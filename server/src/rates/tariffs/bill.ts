import type { Bill, BillLine } from "@hashwatt/protocol/settings";
import type { Zone } from "@hashwatt/protocol/zone";
import { type BillingPeriod, billingPeriod } from "./billingPeriod.js";
import { type Explainable, lineWhy } from "./billWhy.js";
import { type DemandData, demandCharge, type PowerMean } from "./demand.js";
import { EnergyPricer, energyPart, type PriceContext, seriesOnce, startOf, tierName } from "./energyPrice.js";
import { fits } from "./hours.js";
import { topUpOf } from "./minimumCharge.js";
import { Sum } from "./sum.js";
import type { Tariff } from "./tariff.js";

const HOUR_MS = 3_600_000;
/** Of what is covered so far the rest is taken to have had the same power. */
const NEARLY_WHOLE = 0.99;

/** Energy over a stretch of time: `kwh` of `coverage` (0–1) of it; of the rest nothing is known. */
export interface EnergyInterval {
  startMs: number;
  endMs: number;
  kwh: number;
  coverage: number;
}

/** What a bill is made of. */
export interface BillData {
  /** By start, without overlap, of the period; 15 minutes or shorter where a term bills quarters of an hour. */
  intervals: readonly EnergyInterval[];
  basis: Bill["basis"];
  /** What the rigs' energy among them was multiplied by; null where it was not. */
  overhead?: number | null;
  /** Up to when there could be any: the end of the period, or now while it is open. */
  toMs: number;
  /** Prices of a market. */
  series?: PriceContext["series"];
  /** Mean powers during the system's peaks that coincident terms name, of whenever. */
  peaks?: readonly PowerMean[];
  /** By the name of a term with a ratchet: the highest means of the periods before, oldest first. */
  earlierKw?: ReadonlyMap<string, readonly (number | undefined)[]>;
}

/** The mean powers of intervals. */
export const powerMeans = (intervals: readonly EnergyInterval[]): PowerMean[] =>
  intervals
    .filter(({ coverage }) => coverage > 0)
    .map(({ startMs, endMs, kwh, coverage }) => {
      const hours = (endMs - startMs) / HOUR_MS;
      return coverage >= NEARLY_WHOLE
        ? { startMs, endMs, kw: kwh / (hours * Math.min(1, coverage)) }
        : { startMs, endMs, kw: kwh / hours, atLeast: true };
    });

/** One row in the making. */
interface Row {
  name: string;
  kwh: Sum;
  /** Absent: it has no price of its own. */
  perKwh?: number;
  amount?: Sum;
}

/**
 * What a tariff comes to in a billing period, or in the part of one in which it is valid: energy by band or tier, adders, losses, demand
 * with the interval that set it, fixed costs, tax on all of these, and credits. Fixed and demand costs of a part are charged by its
 * share of the time. While the period is open tiers, demand and what rests on them are provisional. Pure.
 */
export function bill(tariff: Tariff, zone: Zone, site: string, period: BillingPeriod, data: BillData): Bill {
  const pricer = new EnergyPricer(tariff, zone);
  const startMs = Math.max(period.startMs, pricer.fromMs);
  const endMs = Math.min(period.endMs, pricer.toMs);
  const toMs = Math.min(endMs, data.toMs);
  const open = data.toMs < period.endMs;
  const share = (endMs - startMs) / (period.endMs - period.startMs);
  const within = data.intervals.filter((each) => each.startMs < toMs && each.endMs > startMs);
  const elapsedMs = Math.max(0, toMs - startMs);
  const coveredMs = within.reduce(
    (sum, each) =>
      sum + (Math.min(each.endMs, toMs) - Math.max(each.startMs, startMs)) * Math.min(1, each.coverage),
    0,
  );
  const coverage = elapsedMs === 0 ? 0 : Math.min(1, coveredMs / elapsedMs);
  const isPartial = coverage < NEARLY_WHOLE;
  const byTier = tariff.energy.kind === "tiered" || tariff.energy.kind === "capped";

  const { energy, adders, kwh } = energyRows(pricer, { fromMs: startMs, toMs }, within, data);
  const lines: BillLine[] = [];
  const asOfMs = startOf(tariff.asOf ?? tariff.validFrom, zone);
  const add = (
    made: Pick<BillLine, "kind" | "name" | "amount"> & Partial<BillLine>,
    of: Omit<Explainable, "line"> = {},
  ) => {
    const empty = { quantity: null, unit: null, price: null, provisional: false, atLeast: false };
    const line = { ...empty, ...made };
    lines.push({ ...line, why: lineWhy({ line, ...of }, tariff, share, asOfMs) });
  };
  const ofEnergy = (kind: "energy" | "adder", rows: ReadonlyMap<string, Row>) => {
    for (const row of rows.values()) {
      const quantity = row.kwh.value;
      const amount = row.amount ? row.amount.value : row.perKwh === undefined ? null : quantity * row.perKwh;
      add({
        kind,
        name: row.name,
        quantity,
        unit: "kWh",
        price: row.perKwh ?? null,
        amount,
        provisional: open && byTier && kind === "energy",
        atLeast: isPartial,
        ...(amount === null && { note: "no price is known for this energy" }),
      });
    }
  };
  ofEnergy("energy", energy);
  ofEnergy("adder", adders);
  if (tariff.lossesPercent > 0)
    add(
      {
        kind: "losses",
        name: "line losses",
        quantity: (kwh * tariff.lossesPercent) / 100,
        unit: "kWh",
        amount: percentOf(lines, tariff.lossesPercent),
        provisional: open && byTier,
        atLeast: isPartial,
      },
      { base: sumOf(lines) },
    );
  const holidays = new Set(tariff.holidays);
  const part = share < 1 ? { note: `charged for ${Math.round(share * 1e4) / 100} % of the period` } : {};
  const ownPeriod = { ...period, startMs, endMs };
  for (const term of tariff.demand) {
    const parts = term.kind === "coincident" ? (data.peaks ?? []) : powerMeans(within);
    const earlierKw = data.earlierKw?.get(term.name);
    const known: DemandData = { parts, toMs, ...(earlierKw && { earlierKw }) };
    const charge = demandCharge(term, ownPeriod, known, zone, holidays);
    const provisional = open && term.kind === "maximum";
    if (!charge) {
      const note = "nothing of it was measured";
      add({ kind: "demand", name: term.name, amount: null, provisional, note }, { term });
      continue;
    }
    const ratcheted = charge.ratcheted ? { note: "a share of an earlier period's" } : {};
    add(
      {
        kind: "demand",
        name: term.name,
        quantity: charge.billed,
        unit: charge.unit,
        price:
          term.kind === "contracted" ? term.perKva : term.kind === "maximum" ? term.perKw : term.perKwMonth,
        amount: charge.amount * share,
        provisional,
        atLeast: charge.atLeast ?? false,
        ...(charge.peak && {
          peak: { startMs: charge.peak.startMs, endMs: charge.peak.endMs, kw: charge.peak.kw },
        }),
        ...part,
        ...ratcheted,
      },
      { term },
    );
  }
  for (const { name, amount } of tariff.monthly)
    add({
      kind: "fixed",
      name,
      quantity: share,
      unit: "month",
      price: amount,
      amount: amount * share,
      ...part,
    });
  if (tariff.minimumCharge !== undefined && elapsedMs > 0) {
    const measured = Math.min(coveredMs, elapsedMs) / (endMs - startMs);
    const { expected, amount } = topUpOf(lines, tariff.minimumCharge * share, measured);
    const note = measured > 0 ? "estimated: a part was not measured" : "nothing of it was measured";
    const said = isPartial && (amount !== null || measured === 0) ? { note } : {};
    add(
      { kind: "minimum", name: "minimum charge", amount, provisional: open || isPartial, ...said },
      { base: expected },
    );
  }
  if (tariff.taxPercent > 0)
    add(
      {
        kind: "tax",
        name: "tax",
        quantity: tariff.taxPercent,
        unit: "%",
        amount: percentOf(lines, tariff.taxPercent),
        provisional: lines.some(({ provisional }) => provisional),
        atLeast: lines.some(({ atLeast }) => atLeast),
      },
      { base: sumOf(lines) },
    );
  for (const { name, date, amount } of tariff.credits) {
    const atMs = startOf(date, zone);
    if (atMs >= startMs && atMs < endMs) add({ kind: "credit", name, amount: -amount, note: `of ${date}` });
  }
  return {
    site,
    tariff: tariff.id,
    name: tariff.name,
    currency: tariff.currency,
    source: tariff.source,
    period: { name: period.name, startMs, endMs },
    open,
    toMs,
    coverage,
    basis: data.basis,
    overhead: data.overhead ?? null,
    kwh,
    lines,
    // Of a time of which nothing is known there is no sum.
    total: elapsedMs > 0 && coverage === 0 ? null : sumOf(lines),
    atLeast: isPartial || lines.some(({ atLeast }) => atLeast),
  };
}

/** The energy of a period by what prices it, and the adders that it has. */
function energyRows(
  pricer: EnergyPricer,
  range: { fromMs: number; toMs: number },
  intervals: readonly EnergyInterval[],
  data: BillData,
) {
  const { energy: terms, adders: adderTerms } = pricer.tariff;
  const energy = new Map<string, Row>();
  const adders = new Map<string, Row>();
  const used = new Sum();
  const put = (rows: Map<string, Row>, name: string, kwh: number, perKwh: number | undefined): Row => {
    const key = `${perKwh} ${name}`;
    const row = rows.get(key) ?? { name, kwh: new Sum(), ...(perKwh !== undefined && { perKwh }) };
    rows.set(key, row);
    row.kwh.add(kwh);
    return row;
  };
  const context = seriesOnce({ ...(data.series && { series: data.series }) }, range);
  let first = 0;
  for (const piece of pricer.cut(range, context)) {
    while (first < intervals.length && intervals[first]!.endMs <= piece.startMs) first++;
    let kwh = 0;
    for (let i = first; i < intervals.length && intervals[i]!.startMs < piece.endMs; i++) {
      const each = intervals[i]!;
      const ms = Math.min(each.endMs, piece.endMs) - Math.max(each.startMs, piece.startMs);
      kwh += (each.kwh * ms) / (each.endMs - each.startMs);
    }
    if (kwh === 0) continue;
    if (terms.kind === "tiered") {
      let at = used.value;
      const end = at + kwh;
      for (const tier of terms.tiers) {
        const top = Math.min(end, tier.upToKwh ?? Number.POSITIVE_INFINITY);
        if (top <= at) continue;
        put(energy, tierName(tier), top - at, tier.price);
        at = top;
      }
    } else if (terms.kind === "capped") {
      const below = Math.max(0, Math.min(kwh, terms.capKwh - used.value));
      if (below > 0) put(energy, "contract", below, terms.price);
      const over = kwh > below ? energyPart(terms.over, piece, context) : undefined;
      if (kwh > below) put(energy, over?.name ?? "no price", kwh - below, over?.perKwh);
    } else {
      const price = energyPart(terms, piece, context);
      if (terms.kind === "series" && price) {
        const row = put(energy, price.name, kwh, undefined);
        row.amount ??= new Sum();
        row.amount.add(kwh * price.perKwh);
      } else put(energy, price?.name ?? "no price", kwh, price?.perKwh);
    }
    for (const adder of adderTerms)
      if (fits(adder, piece.wall, piece.kind)) put(adders, adder.name, kwh, adder.perKwh);
    used.add(kwh);
  }
  return { energy, adders, kwh: used.value };
}

/** The sum of rows; null where one is unknown. */
function sumOf(lines: readonly BillLine[]): number | null {
  const sum = new Sum();
  for (const { amount } of lines) {
    if (amount === null) return null;
    sum.add(amount);
  }
  return sum.value;
}

const percentOf = (lines: readonly BillLine[], percent: number): number | null => {
  const sum = sumOf(lines);
  return sum === null ? null : (sum * percent) / 100;
};

/** The billing periods of a tariff that touch a range and in which it is valid, in order. */
export function periodsOf(
  tariff: Tariff,
  zone: Zone,
  range: { fromMs: number; toMs: number },
): BillingPeriod[] {
  const { fromMs, toMs } = new EnergyPricer(tariff, zone);
  const found: BillingPeriod[] = [];
  const endMs = Math.min(range.toMs, toMs);
  for (let at = Math.max(range.fromMs, fromMs); at < endMs; ) {
    const period = billingPeriod(zone, tariff.readingDay, at);
    found.push(period);
    at = period.endMs;
  }
  return found;
}
