import type { ExplainedStep, LedgerExplanation } from "@hashwatt/protocol/ledger";
import { FIGURES, type LedgerFigure } from "./ledgerFigure.js";
import style from "./Money.module.css";
import type { MoneyKey, MoneyWords } from "./moneyWords.js";
import steps from "./Steps.module.css";

const MOST_STEPS = 60;

const COLUMN_WORDS: Partial<Record<keyof ExplainedStep, MoneyKey>> = {
  thsHours: "money.step.phHours",
  kwh: "money.step.kwh",
  hashprice: "money.factor.hashprice",
  poolFactor: "money.factor.poolFactor",
  price: "money.factor.price",
  overhead: "money.factor.overhead",
  carbon: "money.factor.carbon",
  carbonMarket: "money.factor.carbonMarket",
  revenue: "money.revenue",
  energyCost: "money.energyCost",
  overheadKwh: "money.overhead",
  overheadCost: "money.overhead",
  co2LocationKg: "carbon.location",
  co2MarketKg: "carbon.market",
};

function cell(step: ExplainedStep, column: keyof ExplainedStep, words: MoneyWords, currency: string): string {
  const { format } = words;
  if ((column === "thsHours" || column === "hashprice" || column === "poolFactor") && step.others.length)
    return byAlgo(step, column, words);
  const value = step[column];
  if (typeof value !== "number") return "—";
  if (column === "thsHours") return format.number(value / 1_000);
  if (column === "revenue" || column === "energyCost" || column === "overheadCost")
    return format.money(value, currency);
  return column === "kwh" ||
    column === "co2LocationKg" ||
    column === "co2MarketKg" ||
    column === "overheadKwh"
    ? format.number(value)
    : format.plain(value);
}

/** The work, the hashprice or the pool factor of each algorithm of a step by itself: never their sum. */
function byAlgo(
  step: ExplainedStep,
  column: "thsHours" | "hashprice" | "poolFactor",
  { format }: MoneyWords,
): string {
  const said = (value: number | null) =>
    value === null ? "—" : format.plain(column === "thsHours" ? value / 1_000 : value);
  const own = step.thsHours === null ? [] : [`SHA-256 ${said(step[column])}`];
  return [...own, ...step.others.map((other) => `${other.algo} ${said(other[column])}`)].join("; ");
}

/** Every step of an explanation with what the figure is made of; a long list ends with how many there are. */
export function ExplainedSteps({
  answer,
  figure,
  words,
}: {
  answer: LedgerExplanation;
  figure: LedgerFigure;
  words: MoneyWords;
}) {
  const { t, format } = words;
  const { columns } = FIGURES[figure];
  const { zone, currency } = answer;
  // Before the first rig there is nothing to tell.
  const told = answer.steps.filter(({ rigs, kwh }) => rigs > 0 || kwh !== null);
  return (
    <>
      <div className={style.scroll}>
        <table className={steps.table} data-testid="steps">
          <thead>
            <tr>
              <th scope="col">{t("money.step.time")}</th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {t(COLUMN_WORDS[column]!)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {told.slice(0, MOST_STEPS).map((step) => (
              <tr key={step.startMs}>
                <th scope="row">{format.clock(step.startMs, zone)}</th>
                {columns.map((column) => (
                  <td key={column}>{cell(step, column, words, currency)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {told.length > MOST_STEPS ? (
        <p className={style.dim}>
          {t("money.whyStepsMore", { n: MOST_STEPS, all: format.number(told.length, 0) })}
        </p>
      ) : null}
    </>
  );
}
