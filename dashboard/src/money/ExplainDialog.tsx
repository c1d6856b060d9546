import type { ExplainedStep, LedgerExplanation } from "@hashwatt/protocol/ledger";
import { useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { fetchExplanation, type Stretch } from "./ledgerApi.js";
import { bitcoin, joined, kgOf, moneyOf } from "./ledgerFormat.js";
import style from "./Money.module.css";
import { type MoneyKey, type MoneyWords, useMoneyWords } from "./moneyWords.js";
import { SourceList } from "./SourcePanel.js";
import steps from "./Steps.module.css";

/** Figures of the ledger that can be asked why. */
export type LedgerFigure =
  | "revenue"
  | "energyCost"
  | "marginalProfit"
  | "overheadCost"
  | "loadedProfit"
  | "co2Location"
  | "co2Market";

/** Of each figure: its name, the factors in it, and the columns of its steps. */
const FIGURES: Record<
  LedgerFigure,
  {
    word: MoneyKey;
    factors: readonly string[];
    columns: readonly (keyof ExplainedStep)[];
    ask: readonly string[];
  }
> = {
  revenue: {
    word: "money.revenue",
    factors: ["hashprice", "hashpriceBtc", "poolFactor"],
    columns: ["thsHours", "hashprice", "poolFactor", "revenue"],
    ask: ["revenue"],
  },
  energyCost: {
    word: "money.energyCost",
    factors: ["price"],
    columns: ["kwh", "price", "energyCost"],
    ask: ["energyCost"],
  },
  marginalProfit: {
    word: "money.marginal",
    factors: ["hashprice", "poolFactor", "price"],
    columns: ["thsHours", "hashprice", "revenue", "kwh", "price", "energyCost"],
    ask: ["marginalProfit", "revenue", "energyCost"],
  },
  overheadCost: {
    word: "money.overhead",
    factors: ["overhead", "price"],
    columns: ["kwh", "overhead", "overheadKwh", "price", "overheadCost"],
    ask: ["overheadCost", "overhead"],
  },
  loadedProfit: {
    word: "money.loaded",
    factors: ["hashprice", "poolFactor", "price", "overhead"],
    columns: ["revenue", "energyCost", "overheadCost"],
    ask: ["loadedProfit", "marginalProfit", "overheadCost"],
  },
  co2Location: {
    word: "carbon.location",
    factors: ["carbon", "overhead"],
    columns: ["kwh", "carbon", "co2LocationKg"],
    ask: ["co2Location", "carbon"],
  },
  co2Market: {
    word: "carbon.market",
    factors: ["carbonMarket", "overhead"],
    columns: ["kwh", "carbonMarket", "co2MarketKg"],
    ask: ["co2Market", "carbonMarket"],
  },
};

const MOST_STEPS = 60;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

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

function Steps({
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
            {answer.steps.slice(0, MOST_STEPS).map((step) => (
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
      {answer.steps.length > MOST_STEPS ? (
        <p className={style.dim}>
          {t("money.whyStepsMore", { n: MOST_STEPS, all: format.number(answer.steps.length, 0) })}
        </p>
      ) : null}
    </>
  );
}

/** The figure at full precision, and as the ledger holds it. */
function sumOf(answer: LedgerExplanation, figure: LedgerFigure, { format }: MoneyWords) {
  const { exact, booked, currency } = answer;
  const money = (value: number | null) => (value === null ? "—" : `${format.number(value, 8)} ${currency}`);
  const mass = (value: number | null) => (value === null ? "—" : `${format.number(value, 6)} kg`);
  switch (figure) {
    case "revenue":
      return {
        exact: money(exact.revenue),
        booked: `${format.money(moneyOf(booked.revenueMicro), currency, false, 6)}, ${joined(bitcoin(format, booked.revenueMsat))}`,
      };
    case "energyCost":
      return {
        exact: money(exact.energyCost),
        booked: format.money(moneyOf(booked.energyCostMicro), currency, false, 6),
      };
    case "marginalProfit":
      return {
        exact: money(exact.marginalProfit),
        booked: format.money(moneyOf(booked.marginalProfitMicro), currency, true, 6),
      };
    case "overheadCost":
      return {
        exact: money(exact.overheadCost),
        booked: format.money(moneyOf(booked.overheadCostMicro), currency, false, 6),
      };
    case "loadedProfit":
      return { exact: undefined, booked: format.money(moneyOf(booked.loadedProfitMicro), currency, true, 6) };
    case "co2Location":
      return { exact: mass(exact.co2LocationKg), booked: joined(format.mass(kgOf(booked.co2LocationMg))) };
    case "co2Market":
      return { exact: mass(exact.co2MarketKg), booked: joined(format.mass(kgOf(booked.co2MarketMg))) };
  }
}

function Answer({
  answer,
  figure,
  words,
}: {
  answer: LedgerExplanation;
  figure: LedgerFigure;
  words: MoneyWords;
}) {
  const { t, format } = words;
  const of = FIGURES[figure];
  const sum = sumOf(answer, figure, words);
  const formulas = answer.formulas.filter((each) => of.ask.includes(each.figure));
  const factors = answer.factors.filter(({ kind }) => of.factors.includes(kind));
  const missing = answer.unknown.filter((each) => of.ask.includes(each.figure));
  const long = answer.toMs - answer.fromMs > DAY_MS + 2 * HOUR_MS;
  return (
    <>
      <section>
        <h3 className={style.sub}>{t("money.whyFormula")}</h3>
        {formulas.map((each) => (
          <p key={each.figure} className={style.formula}>
            {each.formula}
          </p>
        ))}
        <p data-testid="exact">
          {sum.exact === undefined ? null : `${t("money.whySum")}: ${sum.exact}; `}
          {t("money.whyBooked", { amount: sum.booked })}
        </p>
      </section>
      <section>
        <h3 className={style.sub}>{t("money.whyFactors")}</h3>
        <SourceList sources={factors} zone={answer.zone} words={words} />
      </section>
      <section>
        <h3 className={style.sub}>{t("money.whyMissing")}</h3>
        {missing.length === 0 ? <p>{t("money.whyMissingNone")}</p> : null}
        {missing.map((each) => (
          <p key={`${each.figure} ${each.why}`}>
            {t("money.whyMissingLine", { hours: format.number(each.ms / HOUR_MS), why: each.why })}
          </p>
        ))}
      </section>
      <section>
        <h3 className={style.sub}>{t("money.whySteps")}</h3>
        {long ? <p>{t("money.whyTooLong")}</p> : <Steps answer={answer} figure={figure} words={words} />}
      </section>
    </>
  );
}

interface ExplainDialogProps {
  site: string;
  stretch: Stretch;
  figure: LedgerFigure;
  /** The stretch in words. */
  when: string;
  onClose(): void;
}

/** The arithmetic of one figure of the ledger over a stretch: formula, sum, factors with source and date, what is missing, and its steps. */
export function ExplainDialog({ site, stretch, figure, when, onClose }: ExplainDialogProps) {
  const words = useMoneyWords();
  const { t } = words;
  const key = `explain ${site} ${stretch.fromMs} ${stretch.toMs}`;
  const { data, error, retry } = useFetched(
    key,
    (signal) => fetchExplanation(site, stretch, signal),
    3_600_000,
  );
  return (
    <Dialog
      title={t("money.whyTitle", { what: t(FIGURES[figure].word), when })}
      onClose={onClose}
      actions={
        <button type="button" className={controls.button} onClick={onClose}>
          {t("money.whyClose")}
        </button>
      }
    >
      {error && !data ? <Problem error={error} onRetry={retry} /> : null}
      {!data && !error ? <Waiting text={t("money.whyLoading")} height={120} /> : null}
      {data ? <Answer answer={data} figure={figure} words={words} /> : null}
    </Dialog>
  );
}
