import type { ExplainedStep, LedgerCoverage } from "@hashwatt/protocol/ledger";
import type { MoneyKey } from "./moneyWords.js";

/** Figures of the ledger that can be asked why. */
export type LedgerFigure =
  | "revenue"
  | "energyCost"
  | "marginalProfit"
  | "overheadCost"
  | "loadedProfit"
  | "co2Location"
  | "co2Market";

/** What is told of in words, by the server's names; "all" is missing of every figure. */
export type Formula =
  | "revenue"
  | "energyCost"
  | "marginalProfit"
  | "overheadKwh"
  | "overheadCost"
  | "loadedProfit"
  | "co2LocationKg"
  | "co2MarketKg";

/** Of each figure: its name, the factors in it, and the columns of its steps. */
export const FIGURES: Record<
  LedgerFigure,
  {
    /** The time for which it is known. */
    known: keyof LedgerCoverage;
    word: MoneyKey;
    factors: readonly string[];
    columns: readonly (keyof ExplainedStep)[];
    ask: readonly Formula[];
    /** Readings that it is made of, by the server's names. */
    readings: readonly ("kwh" | "thsHours")[];
  }
> = {
  revenue: {
    known: "earnedMs",
    word: "money.revenue",
    factors: ["hashprice", "hashpriceBtc", "poolFactor"],
    columns: ["thsHours", "hashprice", "poolFactor", "revenue"],
    ask: ["revenue"],
    readings: ["thsHours"],
  },
  energyCost: {
    known: "pricedMs",
    word: "money.energyCost",
    factors: ["price"],
    columns: ["kwh", "price", "energyCost"],
    ask: ["energyCost"],
    readings: ["kwh"],
  },
  marginalProfit: {
    known: "profitMs",
    word: "money.marginal",
    factors: ["hashprice", "poolFactor", "price"],
    columns: ["thsHours", "hashprice", "revenue", "kwh", "price", "energyCost"],
    ask: ["marginalProfit", "revenue", "energyCost"],
    readings: ["thsHours", "kwh"],
  },
  overheadCost: {
    known: "overheadMs",
    word: "money.overhead",
    factors: ["overhead", "price"],
    columns: ["kwh", "overhead", "overheadKwh", "price", "overheadCost"],
    ask: ["overheadKwh", "overheadCost"],
    readings: ["kwh"],
  },
  loadedProfit: {
    known: "loadedMs",
    word: "money.loaded",
    factors: ["hashprice", "poolFactor", "price", "overhead"],
    columns: ["revenue", "energyCost", "overheadCost"],
    ask: ["loadedProfit", "marginalProfit", "overheadCost"],
    readings: ["thsHours", "kwh"],
  },
  co2Location: {
    known: "weighedMs",
    word: "carbon.location",
    factors: ["carbon", "overhead"],
    columns: ["kwh", "carbon", "co2LocationKg"],
    ask: ["co2LocationKg"],
    readings: ["kwh"],
  },
  co2Market: {
    known: "weighedMarketMs",
    word: "carbon.market",
    factors: ["carbonMarket", "overhead"],
    columns: ["kwh", "carbonMarket", "co2MarketKg"],
    ask: ["co2MarketKg"],
    readings: ["kwh"],
  },
};
