import type { BillFormula, BillInput, BillLine, BillWhy } from "@hashwatt/protocol/settings";
import type { DemandTerm, Tariff } from "./tariff.js";

/** Each formula in words and symbols; in all of them money is in the currency of the tariff. */
const TEXTS: Record<BillFormula, string> = {
  energyBand: "kWh in the band × its price",
  energyTier: "kWh of the period within the block × its price",
  energyContract: "kWh up to the contract's volume × its price",
  energyMarket: "Σ kWh of each slot of the market × (its price × factor + add)",
  adder: "kWh in its hours × its price",
  losses: "(energy + adders) × losses in percent ÷ 100",
  demandMaximum: "highest mean of so many minutes ÷ power factor × price × share of the period",
  demandRatchet:
    "a share of the highest mean of an earlier period ÷ power factor × price × share of the period",
  demandContracted: "contracted kVA × price × share of the period",
  demandCoincident: "mean kW during the peaks that the system named × price × share of the period",
  fixed: "amount per month × share of the period",
  minimum:
    "what the rows above lack of minimum × share of the period; energy that was not measured, or is yet to come, counts as if it were as in the time that was measured",
  tax: "sum of the rows above × tax in percent ÷ 100",
  credit: "−amount, in the period that its date lies in",
  monthlyCost: "amount per month × share of the month for which it holds",
};

type Inputs = Partial<Record<BillInput, number | null | undefined>>;

/** The arithmetic of a row. Inputs that are absent are no part of it; null is unknown. */
export function whyOf(
  formula: BillFormula,
  inputs: Inputs,
  { source, asOfMs }: Pick<BillWhy, "source" | "asOfMs">,
): BillWhy {
  return {
    formula,
    text: TEXTS[formula],
    inputs: Object.entries(inputs).flatMap(([name, value]) =>
      value === undefined ? [] : [{ name: name as BillInput, value }],
    ),
    source,
    asOfMs,
  };
}

/** A row in the making, and what it came of. */
export interface Explainable {
  line: Omit<BillLine, "why">;
  /** Of a demand row. */
  term?: DemandTerm;
  /** What a percentage is taken of, and what counts against the minimum. */
  base?: number | null;
}

/** How the amount of a row of a tariff's bill comes about. `share` of the period for which the tariff holds. */
export function lineWhy(
  { line, term, base }: Explainable,
  tariff: Tariff,
  share: number,
  asOfMs: number,
): BillWhy {
  const dated = { source: tariff.source, asOfMs };
  const { kind, quantity, price, amount, peak } = line;
  const part = share < 1 ? { periodShare: share } : {};
  switch (kind) {
    case "energy":
      return whyOf(energyFormula(tariff, line), { kwh: quantity, pricePerKwh: price }, dated);
    case "adder":
      return whyOf("adder", { kwh: quantity, pricePerKwh: price }, dated);
    case "losses":
      return whyOf("losses", { base, percent: tariff.lossesPercent }, dated);
    case "tax":
      return whyOf("tax", { base, percent: tariff.taxPercent }, dated);
    case "fixed":
      return whyOf("fixed", { perMonth: price, ...part }, dated);
    case "minimum":
      return whyOf("minimum", { minimum: tariff.minimumCharge, ...part, expected: base }, dated);
    case "credit":
      return whyOf("credit", { amount: amount === null ? null : -amount }, dated);
    case "demand":
      return demandWhy(term!, quantity, peak?.kw, part, dated);
  }
}

function energyFormula({ energy }: Tariff, { name }: Pick<BillLine, "name">): BillFormula {
  switch (energy.kind) {
    case "tiered":
      return "energyTier";
    case "capped":
      return name === "contract" ? "energyContract" : "energyBand";
    case "series":
      return "energyMarket";
    default:
      return "energyBand";
  }
}

function demandWhy(
  term: DemandTerm,
  billed: number | null,
  peakKw: number | undefined,
  part: Inputs,
  dated: Pick<BillWhy, "source" | "asOfMs">,
): BillWhy {
  switch (term.kind) {
    case "contracted":
      return whyOf("demandContracted", { contractedKva: term.kva, pricePerKva: term.perKva, ...part }, dated);
    case "coincident":
      return whyOf("demandCoincident", { billedKw: billed, pricePerKw: term.perKwMonth, ...part }, dated);
    case "maximum": {
      const { minutes, powerFactor, perKw } = term;
      const isRatchet = peakKw === undefined && billed !== null;
      const unit = powerFactor === undefined ? { billedKw: billed } : { billedKva: billed };
      const price = powerFactor === undefined ? { pricePerKw: perKw } : { pricePerKva: perKw };
      return whyOf(
        isRatchet ? "demandRatchet" : "demandMaximum",
        { ...(!isRatchet && { meanKw: peakKw ?? null }), minutes, powerFactor, ...unit, ...price, ...part },
        dated,
      );
    }
  }
}
