import type { Zone } from "@hashwatt/protocol/zone";
import { type Slot, slotAt, type TimeRange } from "../slot.js";
import { fits, type LocalTimes, type Piece, pieces } from "./hours.js";
import type { Energy, Tariff, TimeOfUse } from "./tariff.js";
import { tierAt } from "./tiers.js";

/** What the price of a moment may depend on beside the clock. */
export interface PriceContext {
  /** kWh that the meter has shown since the billing period began; undefined = unknown, and with it a price by tiers. */
  usedKwh?(atMs: number): number | undefined;
  /** Prices of a market by the name of their series, sorted. */
  series?(name: string): readonly Slot[];
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

const timesOf = (energy: Energy): readonly LocalTimes[] =>
  energy.kind === "timeOfUse" ? energy.rules : energy.kind === "capped" ? timesOf(energy.over) : [];

const bandPrice = (
  { rules, bands }: TimeOfUse,
  piece: Piece,
): { name: string; perKwh: number } | undefined => {
  const rule = rules.findLast((candidate) => fits(candidate, piece.wall, piece.kind));
  const perKwh = rule && bands[rule.band];
  return perKwh === undefined ? undefined : { name: rule!.band, perKwh };
};

function energyPart(
  energy: Energy,
  piece: Piece,
  context: PriceContext,
): { name: string; perKwh: number } | undefined {
  switch (energy.kind) {
    case "flat":
      return { name: "energy", perKwh: energy.price };
    case "timeOfUse":
      return bandPrice(energy, piece);
    case "tiered": {
      const usedKwh = context.usedKwh?.(piece.startMs);
      if (usedKwh === undefined) return undefined;
      const tier = tierAt(energy.tiers, usedKwh);
      return {
        name: tier.upToKwh === undefined ? "last tier" : `up to ${tier.upToKwh} kWh`,
        perKwh: tier.price,
      };
    }
    case "capped": {
      const usedKwh = context.usedKwh?.(piece.startMs);
      if (usedKwh === undefined) return undefined;
      return usedKwh < energy.capKwh
        ? { name: "contract", perKwh: energy.price }
        : energyPart(energy.over, piece, context);
    }
    case "series": {
      const slot = slotAt(context.series?.(energy.series) ?? [], piece.startMs);
      return slot && { name: energy.series, perKwh: slot.value * energy.factor + energy.add };
    }
  }
}

/**
 * What one more kWh costs under a tariff: energy, adders, losses and tax. Knows nothing of demand and fixed costs, which a kWh more
 * or less does not change.
 */
export class EnergyPricer {
  readonly #tariff: Tariff;
  readonly #zone: Zone;
  readonly #holidays: ReadonlySet<string>;
  readonly #rules: readonly LocalTimes[];
  readonly #fromMs: number;
  readonly #toMs: number;

  /** `zone` is the site's. */
  constructor(tariff: Tariff, zone: Zone) {
    this.#tariff = tariff;
    this.#zone = zone;
    this.#holidays = new Set(tariff.holidays);
    this.#rules = [...timesOf(tariff.energy), ...tariff.adders];
    this.#fromMs = startOf(tariff.validFrom, zone);
    this.#toMs = tariff.validTo === undefined ? Number.POSITIVE_INFINITY : startOf(tariff.validTo, zone);
  }

  /** Prices over a range, sorted and without overlap; where one is unknown there is none. Equal neighbours are one. */
  slots(range: TimeRange, context: PriceContext = {}): Slot[] {
    const { source, asOf, validFrom } = this.#tariff;
    const dated = { source, asOfMs: startOf(asOf ?? validFrom, this.#zone) };
    const slots: Slot[] = [];
    for (const { piece, price } of this.#prices(range, context)) {
      const last = slots.at(-1);
      if (last && last.endMs === piece.startMs && last.value === price.perKwh) last.endMs = piece.endMs;
      else slots.push({ startMs: piece.startMs, endMs: piece.endMs, value: price.perKwh, ...dated });
    }
    return slots;
  }

  /** The price of a moment with its parts; undefined where it is unknown. */
  explain(atMs: number, context: PriceContext = {}): EnergyPrice | undefined {
    for (const { price } of this.#prices({ fromMs: atMs, toMs: atMs + 1 }, context)) return price;
    return undefined;
  }

  *#prices(range: TimeRange, context: PriceContext): Generator<{ piece: Piece; price: EnergyPrice }> {
    const fromMs = Math.max(range.fromMs, this.#fromMs);
    const toMs = Math.min(range.toMs, this.#toMs);
    const { energy, adders, lossesPercent, taxPercent } = this.#tariff;
    const lossesFactor = 1 + lossesPercent / 100;
    const taxFactor = 1 + taxPercent / 100;
    for (const piece of this.#cut(fromMs, toMs, context)) {
      const first = energyPart(energy, piece, context);
      if (!first) continue;
      const parts = [first];
      for (const adder of adders)
        if (fits(adder, piece.wall, piece.kind)) parts.push({ name: adder.name, perKwh: adder.perKwh });
      const sum = parts.reduce((total, part) => total + part.perKwh, 0);
      yield { piece, price: { perKwh: sum * lossesFactor * taxFactor, parts, lossesFactor, taxFactor } };
    }
  }

  /** Pieces within which neither a rule nor a market's price changes. */
  *#cut(fromMs: number, toMs: number, context: PriceContext): Generator<Piece> {
    const { energy } = this.#tariff;
    const market = energy.kind === "series" ? (context.series?.(energy.series) ?? []) : [];
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

/** The instant at which a local date begins. */
export function startOf(date: string, zone: Zone): number {
  const [year, month, day] = date.split("-").map(Number);
  return zone.instant(year!, month!, day!);
}
