import type {
  DifferencePart,
  ReconciledMonth,
  ReconciledRow,
  ReconciledTable,
  Reconciliation,
} from "@hashwatt/protocol/reconciliation";
import { useState } from "react";
import { getJson, query } from "../feed/fetchApi.js";
import { useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { useMay } from "../session/useMay.js";
import type { Stretch } from "./ledgerApi.js";
import { bitcoin, joined, moneyOf } from "./ledgerFormat.js";
import style from "./Money.module.css";
import table from "./MoneyTable.module.css";
import { type MoneyWords, useMoneyWords } from "./moneyWords.js";
import { StatementDialog } from "./StatementDialog.js";

const REFRESH_MS = 300_000;
type Unit = ReconciledTable["unit"];

/** An amount of a table in its unit, with a plus where it is a difference. */
function amountOf(
  { format }: Pick<MoneyWords, "format">,
  value: number | null,
  unit: Unit,
  currency: string,
  sign = false,
): string {
  if (unit === "millionths") return format.money(moneyOf(value), currency, sign);
  const shown =
    unit === "mSat" ? bitcoin(format, value) : format.energy(value === null ? null : value / 1_000);
  return `${sign && value !== null && value > 0 ? "+" : ""}${joined(shown)}`;
}

interface RowProps {
  name: string;
  note: string;
  row: Pick<ReconciledMonth, "computed" | "difference" | "rest" | "parts"> & { paid: number };
  unit: Unit;
  currency: string;
  paidWord: string;
}

function Row({ name, note, row, unit, currency, paidWord }: RowProps) {
  const words = useMoneyWords();
  const { t } = words;
  const amount = (value: number | null, sign = false) => amountOf(words, value, unit, currency, sign);
  return (
    <tr data-period={name}>
      <th scope="row">
        {name}
        {note ? <small>{note}</small> : null}
      </th>
      <td className={table.number} data-label={t("recon.computed")}>
        {amount(row.computed)}
      </td>
      <td className={table.number} data-label={paidWord}>
        {amount(row.paid)}
      </td>
      <td className={table.number} data-label={t("recon.difference")}>
        {amount(row.difference, true)}
      </td>
      <td data-label={t("recon.explained")}>
        {row.parts.map(({ cause, amount: part }: DifferencePart) => (
          <div key={cause}>
            {t(`recon.cause.${cause}`)} {amount(part, true)}
          </div>
        ))}
      </td>
      <td className={table.number} data-label={t("recon.rest")}>
        {amount(row.rest, true)}
      </td>
    </tr>
  );
}

interface TableProps {
  which: "payouts" | "bills" | "meter";
  answer: Reconciliation;
}

/** One comparison: months, and each period below them. */
function Comparison({ which, answer }: TableProps) {
  const words = useMoneyWords();
  const { t, format } = words;
  const { zone, currency } = answer;
  const { rows, months, unit } = answer[which];
  const paidWord = t(
    which === "payouts" ? "recon.paid" : which === "bills" ? "recon.billed" : "recon.counted",
  );
  const monthName = (ms: number) =>
    new Intl.DateTimeFormat(format.locale, { month: "long", year: "numeric", timeZone: zone }).format(ms);
  const monthNote = (month: ReconciledMonth) =>
    [
      month.periodsKnown < month.periods
        ? t("recon.partly", { known: month.periodsKnown, n: month.periods })
        : undefined,
      month.coverage === null || month.coverage >= 0.9995
        ? undefined
        : t("recon.measuredFor", { share: format.percent(month.coverage).text }),
    ]
      .filter(Boolean)
      .join(" · ");
  const unitOf = (value: number | null) =>
    which === "payouts"
      ? joined(format.hashrate(value === null ? null : value * 1_000))
      : joined(format.energy(value));
  const rowNote = (row: ReconciledRow) =>
    [
      row.of,
      row.reference,
      row.counted === null
        ? undefined
        : t("recon.countedBeside", { counted: unitOf(row.counted), measured: unitOf(row.measured) }),
    ]
      .filter(Boolean)
      .join(" · ");
  const rowName = (row: ReconciledRow) => {
    const dayOf = which === "payouts" ? "UTC" : zone;
    const [first, last] = [format.date(row.fromMs, dayOf), format.date(row.toMs - 1, dayOf)];
    return first === last ? `${first}${which === "payouts" ? " UTC" : ""}` : `${first} – ${last}`;
  };
  if (rows.length === 0) return <p className={style.dim}>{t(`recon.none.${which}`)}</p>;
  const head = (first: string) => (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        <th scope="col" className={table.number}>
          {t("recon.computed")}
        </th>
        <th scope="col" className={table.number}>
          {paidWord}
        </th>
        <th scope="col" className={table.number}>
          {t("recon.difference")}
        </th>
        <th scope="col">{t("recon.explained")}</th>
        <th scope="col" className={table.number}>
          {t("recon.rest")}
        </th>
      </tr>
    </thead>
  );
  const common = { unit, currency, paidWord };
  return (
    <>
      <table className={table.table} data-testid={`recon-${which}`}>
        {head(t("recon.month"))}
        <tbody>
          {months.map((month) => (
            <Row
              key={month.fromMs}
              name={monthName(month.fromMs)}
              note={monthNote(month)}
              row={month}
              {...common}
            />
          ))}
        </tbody>
      </table>
      <details className={style.more}>
        <summary>{t("recon.days")}</summary>
        <table className={table.table}>
          {head(t("recon.period"))}
          <tbody>
            {rows.map((row) => (
              <Row key={row.fromMs} name={rowName(row)} note={rowNote(row)} row={row} {...common} />
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

/** What pools paid and the utility billed beside what was computed, with what explains the difference and what does not. */
export function ReconciliationPanel({ site, stretch }: { site: string; stretch: Stretch }) {
  const { t } = useMoneyWords();
  const { may, why } = useMay("operator");
  const { fromMs, toMs } = stretch;
  const { data, atMs, error, retry } = useFetched(
    `reconciliation ${site} ${fromMs} ${toMs}`,
    (signal) =>
      getJson<Reconciliation>(`/api/reconciliation?${query({ site, from: fromMs, to: toMs })}`, signal),
    REFRESH_MS,
  );
  const [importing, setImporting] = useState<"payouts" | "bills">();
  return (
    <Panel title={t("recon.title")} note={t("recon.note")}>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("money.loading")} height={80} /> : null}
      {(["payouts", "bills", "meter"] as const).map((which) => (
        <section key={which}>
          <h3 className={style.sub}>
            {t(`recon.${which}`)}{" "}
            {which === "meter" ? null : (
              <button
                type="button"
                className={controls.button}
                disabled={!may}
                title={why}
                onClick={() => setImporting(which)}
              >
                {t("recon.import")}
              </button>
            )}
          </h3>
          {data ? <Comparison which={which} answer={data} /> : null}
        </section>
      ))}
      {data?.notes.map((note) => (
        <p key={note} className={style.dim}>
          {note}
        </p>
      ))}
      {importing ? (
        <StatementDialog
          site={site}
          which={importing}
          onClose={() => setImporting(undefined)}
          onImported={retry}
        />
      ) : null}
    </Panel>
  );
}
