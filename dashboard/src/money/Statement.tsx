import type { Ledger } from "@hashwatt/protocol/ledger";
import type { ReactNode } from "react";
import { LongText } from "../parts/LongText.js";
import { Panel } from "../parts/Panel.js";
import { shortName } from "../parts/shortName.js";
import { BillReason } from "./BillReason.js";
import { shareOf } from "./hourGrid.js";
import type { LedgerFigure } from "./ledgerFigure.js";
import { bitcoin, joined, kwhOf, moneyOf } from "./ledgerFormat.js";
import style from "./Money.module.css";
import table from "./MoneyTable.module.css";
import { useMoneyWords } from "./moneyWords.js";
import { WhyButton } from "./WhyButton.js";

interface LineProps {
  name: string;
  note?: ReactNode;
  amount: string;
  known?: string;
  figure?: LedgerFigure;
  sum?: boolean;
  loss?: boolean;
  onAsk(figure: LedgerFigure): void;
}

function Line({ name, note, amount, known, figure, sum, loss, onAsk }: LineProps) {
  const { t } = useMoneyWords();
  return (
    <tr className={sum ? table.sumLine : undefined} data-line={figure}>
      <th scope="row">
        {name}
        {note ? <small>{note}</small> : null}
      </th>
      <td className={loss ? `${table.number} ${table.loss}` : table.number}>{amount}</td>
      <td className={table.number} data-label={t("money.known")}>
        {known}
      </td>
      <td>{figure ? <WhyButton what={name} onAsk={() => onAsk(figure)} /> : null}</td>
    </tr>
  );
}

/** From revenue to what is left, line by line; marginal and fully loaded profit by their names. */
export function Statement({ ledger, onAsk }: { ledger: Ledger; onAsk(figure: LedgerFigure): void }) {
  const words = useMoneyWords();
  const { t, format } = words;
  const { totals, currency, siteLines, zone } = ledger;
  const { coverage } = totals;
  const known = (ms: number) => {
    const share = format.percent(shareOf(ms, coverage.spanMs));
    return share.unit ? `${share.text} ${share.unit}` : share.text;
  };
  const money = (micro: number | null, sign = false) =>
    format.money(moneyOf(micro), currency, sign, micro === null || Math.abs(micro) >= 10_000 ? 2 : undefined);
  /** A cost as what it takes away. */
  const cost = (micro: number | null) => money(micro === null || micro === 0 ? micro : -micro);
  return (
    <Panel title={t("money.statement")} note={t("money.statementNote")}>
      <table className={table.table} data-testid="statement">
        <thead>
          <tr>
            <th scope="col">{t("money.line")}</th>
            <th scope="col" className={table.number}>
              {t("money.amount")}
            </th>
            <th scope="col" className={table.number}>
              {t("money.known")}
            </th>
            <td />
          </tr>
        </thead>
        <tbody>
          <Line
            name={t("money.revenue")}
            note={
              totals.revenueMsat === null
                ? t("money.revenueNote")
                : `${t("money.revenueNote")} · ${t("money.bitcoin", { btc: joined(bitcoin(format, totals.revenueMsat)) })}`
            }
            amount={money(totals.revenueMicro)}
            known={known(coverage.earnedMs)}
            figure="revenue"
            onAsk={onAsk}
          />
          <Line
            name={t("money.energyCost")}
            note={t("money.energyNote", { energy: joined(format.energy(kwhOf(totals.energyMwh))) })}
            amount={cost(totals.energyCostMicro)}
            known={known(coverage.pricedMs)}
            figure="energyCost"
            onAsk={onAsk}
          />
          <Line
            sum
            name={t("money.marginal")}
            note={t("money.marginalNote")}
            amount={money(totals.marginalProfitMicro, true)}
            known={known(coverage.profitMs)}
            figure="marginalProfit"
            loss={(totals.marginalProfitMicro ?? 0) < 0}
            onAsk={onAsk}
          />
          <Line
            name={t("money.overhead")}
            note={t("money.overheadNote", { energy: joined(format.energy(kwhOf(totals.overheadMwh))) })}
            amount={cost(totals.overheadCostMicro)}
            known={known(coverage.overheadMs)}
            figure="overheadCost"
            onAsk={onAsk}
          />
          {siteLines.map((line) => (
            <Line
              key={`${line.kind} ${line.name} ${line.fromMs}`}
              name={line.name}
              note={
                <>
                  {line.provisional ? <b className={style.badge}>{t("money.provisional")}</b> : null}
                  {line.partlyMeasured ? <b className={style.badge}>{t("money.partlyMeasured")}</b> : null}
                  {line.kind === "credit" ? <b className={style.badge}>{t("money.credit")}</b> : null}
                  {t("money.siteLine", {
                    from: format.date(line.fromMs, zone),
                    to: format.date(line.toMs - 1, zone),
                  })}

                  <div>
                    <LongText
                      short={shortName(line.source)}
                      text={[line.source, line.note].filter(Boolean).join("; ")}
                    />
                    <BillReason why={line.why} zone={zone} />
                  </div>
                </>
              }
              amount={cost(line.amountMicro)}
              known={
                line.provisional
                  ? t("money.provisional")
                  : line.partlyMeasured
                    ? t("money.partlyMeasured")
                    : ""
              }
              onAsk={onAsk}
            />
          ))}
          <Line
            sum
            name={t("money.loaded")}
            note={t("money.loadedNote")}
            amount={money(totals.loadedProfitMicro, true)}
            known={known(coverage.loadedMs)}
            figure="loadedProfit"
            loss={(totals.loadedProfitMicro ?? 0) < 0}
            onAsk={onAsk}
          />
        </tbody>
      </table>
    </Panel>
  );
}
