import type { ExplainedStep, LedgerExplanation } from "@hashwatt/protocol/ledger";

const NEEDS = [
  { figure: "energyCost", factor: "price", name: "price of energy", reading: "energyMs" },
  { figure: "overheadCost", factor: "overhead", name: "overhead factor", reading: "energyMs" },
  { figure: "co2LocationKg", factor: "carbon", name: "grid factor", reading: "energyMs" },
  { figure: "co2MarketKg", factor: "carbonMarket", name: "market-based factor", reading: "energyMs" },
] as const;

/** Of which figure how much time is missing from an explanation, and why. */
export function unknownOf(
  steps: readonly ExplainedStep[],
  spanMs: number,
  hasRows: boolean,
): LedgerExplanation["unknown"] {
  const unknown: LedgerExplanation["unknown"] = [];
  const note = (figure: string, ms: number, why: string) => {
    if (ms > 0) unknown.push({ figure, ms, why });
  };
  if (!hasRows)
    return [
      {
        figure: "all",
        ms: spanMs,
        why: "no 5-minute rows are kept of this time, or none was ever told: what is booked stands and cannot be taken apart",
      },
    ];
  const told = (reading: "energyMs" | "hashMs") => steps.reduce((sum, step) => sum + step[reading], 0);
  note("kwh", spanMs - told("energyMs"), "rigs did not answer or do not tell their power");
  note("thsHours", spanMs - told("hashMs"), "rigs did not answer or do not tell their hashrate");
  for (const { figure, factor, name, reading } of NEEDS) {
    const without = steps.filter((step) => step[factor] === null);
    const ms = without.reduce((sum, step) => sum + step[reading], 0);
    note(figure, ms, `no ${name} is known for ${without.length} of ${steps.length} steps of 5 minutes`);
  }
  const algos = new Set(steps.flatMap(({ others }) => others.map(({ algo }) => algo)));
  const missing = (figure: string, name: string, msOf: (step: ExplainedStep) => number) => {
    const without = steps.map(msOf).filter((ms) => ms > 0);
    const ms = without.reduce((sum, each) => sum + each, 0);
    note(figure, ms, `no ${name} is known for ${without.length} of ${steps.length} steps of 5 minutes`);
  };
  const sha256Ms = ({ hashMs, others }: ExplainedStep) =>
    others.reduce((ms, other) => ms - other.hashMs, hashMs);
  missing("revenue", "hashprice", (step) => (step.hashprice === null ? sha256Ms(step) : 0));
  missing("revenueBtc", "hashprice in BTC", (step) => (step.hashpriceBtc === null ? sha256Ms(step) : 0));
  for (const algo of [...algos].sort())
    missing("revenue", `hashprice of ${algo || "an algorithm without a name"}`, ({ others }) =>
      others.reduce(
        (ms, other) => (other.algo === algo && other.hashprice === null ? ms + other.hashMs : ms),
        0,
      ),
    );
  return unknown;
}
