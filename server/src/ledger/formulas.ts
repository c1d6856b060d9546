import type { LedgerExplanation } from "@hashwatt/protocol/ledger";

/** How each figure of an explanation is worked out. */
export const FORMULAS: LedgerExplanation["formulas"] = [
  {
    figure: "work",
    formula:
      "TH/s·h = accepted difficulty × 2^32 / 10^12 / 3600; the reported hashrate × time where a rig tells no accepted difficulty",
  },
  {
    figure: "revenue",
    formula:
      "TH/s·h × hashprice / 24,000 × pool factor, of each algorithm at its own hashprice; the money of all algorithms is added up, their work never",
  },
  {
    figure: "revenueBtc",
    formula: "TH/s·h × hashprice in BTC / 24,000 × pool factor, of SHA-256 alone",
  },
  {
    figure: "poolFactor",
    formula:
      "what the pool leaves × (1 − what the firmware takes): that of the rig where it was measured, else the rate that is set; of several rigs the mean by TH/s·h",
  },
  { figure: "energyCost", formula: "kWh at the plug × price" },
  { figure: "overheadKwh", formula: "kWh at the plug × (overhead factor − 1)" },
  { figure: "overheadCost", formula: "overhead kWh × price" },
  { figure: "co2LocationKg", formula: "(kWh at the plug + overhead kWh) × grid factor" },
  {
    figure: "co2MarketKg",
    formula: "(kWh at the plug + overhead kWh) × factor of contracts and residual mix",
  },
  {
    figure: "marginalProfit",
    formula: "revenue − energy cost, of the rigs of which both are known",
  },
  {
    figure: "loadedProfit",
    formula: "marginal profit − overhead cost − the part of the site's own lines, each by time",
  },
  { figure: "breakEvenPerKwh", formula: "revenue / kWh at the plug, of the rigs of which both are known" },
  {
    figure: "costPerBtc",
    formula:
      "(energy cost + overhead cost) × share of SHA-256 in the energy / revenue in BTC, of its rigs and the time of which both are known",
  },
  {
    figure: "kgCo2PerBtc",
    formula:
      "co2LocationKg × share of SHA-256 in the energy / revenue in BTC, of its rigs and the time of which both are known",
  },
  {
    figure: "kwhPerBtc",
    formula:
      "(kWh at the plug + overhead kWh) × share of SHA-256 in the energy / revenue in BTC, of its rigs and the time of which both are known",
  },
];
