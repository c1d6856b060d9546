import type { Zone } from "@hashwatt/protocol/zone";
import { type Slot, slotAt, type TimeRange } from "../slot.js";
import { fits, type LocalTimes, type Piece, pieces } from "./hours.js";
import type { Energy, Tariff, Tier, TimeOfUse } from "./tariff.js";
import { tierAt } from "./tiers.js";

/** kWh that the meter has shown since the billing period began; what was not measured lies between the two. */
export interface UsedEnergy {
  atLeastKwh: number;
  atMostKwh: number;
}

/** What the price of a moment may depend on beside the clock. */
export interface PriceContext {
  /** Undefined = unknown, and with it a price by tiers. */
  used?(atMs: number): UsedEnergy | undefined;
  /** Prices of a market by the name of their series, those that touch a range, sorted. */
  series?(name: string, range: TimeRange): readonly Slot[];
}

/** The price of one kWh at a moment, and its parts. */
export interface EnergyPrice {
  perKwh: number;
  /** By name, before losses and tax, in the order in which they are added. */
  parts: readonly { name: string; perKwh: number }[];
  /** Factors applied to the sum of the parts. */
  lossesFactor: number;
  taxFactor: number;
}

/** The rules that a price by the clock has. */
const timesOf = (energy: Energy): readonly LocalTimes[] =>
  energy.kind === "timeOfUse" ? energy.rules : energy.kind === "capped" ? timesOf(energy.over) : [];

/** A price by the name of what makes it: a band, a tier, a series. */
export interface NamedPrice {
  name: string;
  perKwh: number;
}

const bandPrice = ({ rules, bands }: TimeOfUse, piece: Piece): NamedPrice | undefined => {
  const rule = rules.findLast((candidate) => fits(candidate, piece.wall, piece.kind));
  const perKwh = rule && bands[rule.band];
  return perKwh === undefined ? undefined : { name: rule!.band, perKwh };
};

/** What a tier is called. */
export const tierName = ({ upToKwh }: Tier): string =>
  upToKwh === undefined ? "last tier" : `up to ${upToKwh} kWh`;

/** What one more kWh costs in a piece of time, before adders; undefined where it is unknown. */
export function energyPart(energy: Energy, piece: Piece, context: PriceContext): NamedPrice | undefined {
  switch (energy.kind) {
    case "flat":
      return { name: "energy", perKwh: energy.price };
    case "timeOfUse":
      return bandPrice(energy, piece);
    case "tiered": {
      const used = context.used?.(piece.startMs);
      if (used === undefined) return undefined;
      const tier = tierAt(energy.tiers, used.atLeastKwh);
      // What was not measured may have reached the next one.
      if (tier !== tierAt(energy.tiers, used.atMostKwh)) return undefined;
      return { name: tierName(tier), perKwh: tier.price };
    }
    case "capped": {
      const used = context.used?.(piece.startMs);
      if (used === undefined) return undefined;
      if (used.atMostKwh < energy.capKwh) return { name: "contract", perKwh: energy.price };
      return used.atLeastKwh < energy.capKwh ? undefined : energyPart(energy.over, piece, context);
    }
    case "series": {
      const at = { fromMs: piece.startMs, toMs: piece.endMs };
      const slot = slotAt(context.series?.(energy.series, at) ?? [], piece.startMs);
      return slot && { name: energy.series, perKwh: slot.value * energy.factor + energy.add };
    }
  }
}

/**
 * What one more kWh costs under a tariff: energy, adders, losses and tax. Knows nothing of demand and fixed costs, which a kWh more
 * or less does not change.
 */
export class EnergyPricer {
  readonly tariff: Tariff;
  /** It is valid over [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  readonly #zone: Zone;
  readonly #holidays: ReadonlySet<string>;
  readonly #rules: readonly LocalTimes[];

  /** `zone` is the site's. */
  constructor(tariff: Tariff, zone: Zone) {
    this.tariff = tariff;
    this.#zone = zone;
    this.#holidays = new Set(tariff.holidays);
    this.#rules = [...timesOf(tariff.energy), ...tariff.adders];
    this.fromMs = startOf(tariff.validFrom, zone);
    this.toMs = tariff.validTo === undefined ? Number.POSITIVE_INFINITY : startOf(tariff.validTo, zone);
  }

  /** Prices over a range, sorted and without overlap; where one is unknown there is none. Equal neighbours are one. */
  slots(range: TimeRange, context: PriceContext = {}): Slot[] {
    const { source, asOf, validFrom, energy } = this.tariff;
    const own = { source, asOfMs: startOf(asOf ?? validFrom, this.#zone) };
    const asked = seriesOnce(context, range);
    const slots: Slot[] = [];
    for (const { piece, price } of this.prices(range, asked)) {
      const market =
        energy.kind === "series"
          ? slotAt(asked.series?.(energy.series, range) ?? [], piece.startMs)
          : undefined;
      const dated = market ? { source: `${source}; ${market.source}`, asOfMs: market.asOfMs } : own;
      const last = slots.at(-1);
      if (
        last?.endMs === piece.startMs &&
        last.value === price.perKwh &&
        last.source === dated.source &&
        last.asOfMs === dated.asOfMs
      )
        last.endMs = piece.endMs;
      else slots.push({ startMs: piece.startMs, endMs: piece.endMs, value: price.perKwh, ...dated });
    }
    return slots;
  }

  /** The price of a moment with its parts; undefined where it is unknown. */
  explain(atMs: number, context: PriceContext = {}): EnergyPrice | undefined {
    for (const { price } of this.prices({ fromMs: atMs, toMs: atMs + 1 }, context)) return price;
    return undefined;
  }

  /** Prices with their parts over a range, piece by piece; a piece without a price is left out. */
  *prices(range: TimeRange, context: PriceContext): Generator<{ piece: Piece; price: EnergyPrice }> {
    const { energy, adders, lossesPercent, taxPercent } = this.tariff;
    const lossesFactor = 1 + lossesPercent / 100;
    const taxFactor = 1 + taxPercent / 100;
    const asked = seriesOnce(context, range);
    for (const piece of this.cut(range, asked)) {
      const first = energyPart(energy, piece, asked);
      if (!first) continue;
      const parts = [first];
      for (const adder of adders)
        if (fits(adder, piece.wall, piece.kind)) parts.push({ name: adder.name, perKwh: adder.perKwh });
      const sum = parts.reduce((total, part) => total + part.perKwh, 0);
      yield { piece, price: { perKwh: sum * lossesFactor * taxFactor, parts, lossesFactor, taxFactor } };
    }
  }

  /** The part of a range in which the tariff is valid, in pieces within which neither a rule nor a market's price changes. */
  *cut(range: TimeRange, context: PriceContext): Generator<Piece> {
    const fromMs = Math.max(range.fromMs, this.fromMs);
    const toMs = Math.min(range.toMs, this.toMs);
    const { energy } = this.tariff;
    const market = energy.kind === "series" ? (context.series?.(energy.series, range) ?? []) : [];
    const edges = market.flatMap(({ startMs, endMs }) => [startMs, endMs]);
    let next = 0;
    for (const piece of pieces(this.#zone, this.#rules, this.#holidays, fromMs, toMs)) {
      let { startMs } = piece;
      while (next < edges.length && edges[next]! <= startMs) next++;
      for (; next < edges.length && edges[next]! < piece.endMs; next++) {
        if (edges[next]! <= startMs) continue;
        yield { ...piece, startMs, endMs: edges[next]! };
        startMs = edges[next]!;
      }
      yield { ...piece, startMs };
    }
  }
}

/** The same context, whose series are looked up once for a whole range. */
export function seriesOnce(context: PriceContext, range: TimeRange): PriceContext {
  const held = new Map<string, readonly Slot[]>();
  const { series } = context;
  if (!series) return context;
  return {
    ...context,
    series(name) {
      let slots = held.get(name);
      if (!slots) {
        slots = series.call(context, name, range);
        held.set(name, slots);
      }
      return slots;
    },
  };
}

/** The instant at which a local date begins. */
export function startOf(date: string, zone: Zone): number {
  const [year, month, day] = date.split("-").map(Number);
  return zone.instant(year!, month!, day!);
}
