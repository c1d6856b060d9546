import type { Ledger, LedgerExplanation, LedgerFigures, LedgerSource } from "@hashwatt/protocol/ledger";
import { useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { ExplainedSteps } from "./ExplainedSteps.js";
import { isWhole, knownFor } from "./knownFor.js";
import { fetchExplanation, type Stretch } from "./ledgerApi.js";
import { FIGURES, type LedgerFigure } from "./ledgerFigure.js";
import { bitcoin, joined, kgOf, moneyOf } from "./ledgerFormat.js";
import style from "./Money.module.css";
import { type MoneyWords, useMoneyWords } from "./moneyWords.js";
import { SourceList } from "./SourcePanel.js";

const HOUR_MS = 3_600_000;
/** The server explains no longer stretch. */
const MOST_EXPLAINED_MS = 48 * HOUR_MS;

/** The figure at full precision where its steps are known, and as the ledger holds it. */
function sumOf({ figures, currency, explained }: Told, figure: LedgerFigure, { format }: MoneyWords) {
  const exact = explained?.exact;
  const money = (value: number | null | undefined) =>
    value === undefined ? undefined : value === null ? "—" : `${format.number(value, 8)} ${currency}`;
  const mass = (value: number | null | undefined) =>
    value === undefined ? undefined : value === null ? "—" : `${format.number(value, 6)} kg`;
  const booked = (micro: number | null, sign = false) => format.money(moneyOf(micro), currency, sign, 6);
  // An explanation weighs the overhead with the rest, where that is known.
  const weighed = (mg: number | null, overheadMg: number | null) =>
    joined(format.mass(kgOf(mg === null ? null : mg + (overheadMg ?? 0))));
  switch (figure) {
    case "revenue":
      return {
        exact: money(exact?.revenue),
        booked: `${booked(figures.revenueMicro)}, ${joined(bitcoin(format, figures.revenueMsat))}`,
      };
    case "energyCost":
      return { exact: money(exact?.energyCost), booked: booked(figures.energyCostMicro) };
    case "marginalProfit":
      return { exact: money(exact?.marginalProfit), booked: booked(figures.marginalProfitMicro, true) };
    case "overheadCost":
      return { exact: money(exact?.overheadCost), booked: booked(figures.overheadCostMicro) };
    case "loadedProfit":
      return { exact: undefined, booked: booked(figures.loadedProfitMicro, true) };
    case "co2Location":
      return {
        exact: mass(exact?.co2LocationKg),
        booked: weighed(figures.co2LocationMg, figures.overheadCo2LocationMg),
      };
    case "co2Market":
      return {
        exact: mass(exact?.co2MarketKg),
        booked: weighed(figures.co2MarketMg, figures.overheadCo2MarketMg),
      };
  }
}

/** What is said of a figure, whether its steps are known or not. */
interface Told {
  figures: LedgerFigures;
  factors: readonly LedgerSource[];
  zone: string;
  currency: string;
  /** All of the stretch is priced. */
  whole: boolean;
  /** Of a stretch that is short enough. */
  explained?: LedgerExplanation | undefined;
}

function Answer({ told, figure, words }: { told: Told; figure: LedgerFigure; words: MoneyWords }) {
  const { t, format } = words;
  const of = FIGURES[figure];
  const { explained, zone } = told;
  const sum = sumOf(told, figure, words);
  const factors = told.factors.filter(({ kind }) => of.factors.includes(kind));
  const parts: readonly string[] = ["all", ...of.ask, ...of.readings];
  const missing = explained?.unknown.filter((each) => parts.includes(each.figure));
  return (
    <>
      <section>
        <h3 className={style.sub}>{t("money.whyFormula")}</h3>
        {of.ask.map((each) => (
          <p key={each} className={style.formula}>
            {t(`money.formula.${each}`)}
          </p>
        ))}
        <p data-testid="exact">
          {sum.exact === undefined ? null : `${t("money.whySum")}: ${sum.exact}; `}
          {t("money.whyBooked", { amount: sum.booked })}
        </p>
      </section>
      <section>
        <h3 className={style.sub}>{t("money.whyFactors")}</h3>
        <SourceList sources={factors} zone={zone} words={words} />
      </section>
      <section>
        <h3 className={style.sub}>{t("money.whyMissing")}</h3>
        {missing === undefined ? (
          <p>{knownFor(words, told.figures.coverage[of.known], told.figures.coverage.spanMs, told.whole)}</p>
        ) : missing.length === 0 ? (
          <p>{t("money.whyMissingNone")}</p>
        ) : null}
        {missing?.map((each) => (
          <p key={`${each.figure} ${each.why}`}>
            {t("money.whyMissingLine", { hours: format.number(each.ms / HOUR_MS), why: each.why })}
          </p>
        ))}
      </section>
      <section>
        <h3 className={style.sub}>{t("money.whySteps")}</h3>
        {explained ? (
          <ExplainedSteps answer={explained} figure={figure} words={words} />
        ) : (
          <p>{t("money.whyTooLong")}</p>
        )}
      </section>
    </>
  );
}

interface ExplainDialogProps {
  /** What the ledger says of the whole of it: a longer stretch has its steps nowhere else. */
  ledger: Ledger;
  stretch: Stretch;
  figure: LedgerFigure;
  /** The stretch in words. */
  when: string;
  onClose(): void;
}

/** The arithmetic of one figure of the ledger over a stretch: formula, sum, factors with source and date, what is missing, and its steps. */
export function ExplainDialog({ ledger, stretch, figure, when, onClose }: ExplainDialogProps) {
  const words = useMoneyWords();
  const { t } = words;
  const { site, zone, currency } = ledger;
  const short = stretch.toMs - stretch.fromMs <= MOST_EXPLAINED_MS;
  const { data, error, retry } = useFetched(
    short ? `explain ${site} ${stretch.fromMs} ${stretch.toMs}` : undefined,
    (signal) => fetchExplanation(site, stretch, signal),
    3_600_000,
  );
  const whole = isWhole(ledger);
  const told: Told | undefined = short
    ? data && { figures: data.booked, factors: data.factors, zone, currency, whole, explained: data }
    : { figures: ledger.totals, factors: ledger.sources, zone, currency, whole };
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
      {error && !told ? <Problem error={error} onRetry={retry} /> : null}
      {!told && !error ? <Waiting text={t("money.whyLoading")} height={120} /> : null}
      {told ? <Answer told={told} figure={figure} words={words} /> : null}
    </Dialog>
  );
}
