import type { Ledger } from "@hashwatt/protocol/ledger";
import { shareOf } from "../money/hourGrid.js";
import { joined, kgOf } from "../money/ledgerFormat.js";
import table from "../money/MoneyTable.module.css";
import { useMoneyWords } from "../money/moneyWords.js";
import { Panel } from "../parts/Panel.js";
import { methodRows } from "./methodRows.js";

/** Location- and market-based by rigs and overhead; the two methods answer two questions. */
export function MethodTable({ ledger }: { ledger: Ledger }) {
  const { t, format } = useMoneyWords();
  const { totals } = ledger;
  const { coverage } = totals;
  const mass = (mg: number | null) => joined(format.mass(kgOf(mg)));
  const share = (ms: number) => joined(format.percent(shareOf(ms, coverage.spanMs)));
  return (
    <Panel title={t("carbon.compare")} note={t("carbon.compareNote")}>
      <table className={table.table} data-testid="methods">
        <thead>
          <tr>
            <th scope="col">{t("carbon.method")}</th>
            {(["carbon.rigs", "carbon.overhead", "carbon.total", "money.known"] as const).map((word) => (
              <th key={word} scope="col" className={table.number}>
                {t(word)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {methodRows(totals).map(({ method, rigs, overhead, together, rigsMs, overheadMs }) => (
            <tr key={method}>
              <th scope="row">
                {t(`carbon.${method}`)}
                <small>{t(`carbon.${method}Note`)}</small>
              </th>
              <td className={table.number} data-label={t("carbon.rigs")}>
                {mass(rigs)}
              </td>
              <td className={table.number} data-label={t("carbon.overhead")}>
                {mass(overhead)}
              </td>
              <td className={table.number} data-label={t("carbon.total")}>
                {mass(together)}
              </td>
              <td className={table.number} data-label={t("money.known")}>
                {share(rigsMs)}
                {overhead !== null && overheadMs < rigsMs ? (
                  <small>{t("carbon.overheadFor", { share: share(overheadMs) })}</small>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
