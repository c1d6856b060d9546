import type { LedgerFigures, LedgerSites } from "@hashwatt/protocol/ledger";
import { Panel } from "../parts/Panel.js";
import { chooseSite } from "../shell/siteChoice.js";
import { shareOf } from "./hourGrid.js";
import { joined, moneyOf } from "./ledgerFormat.js";
import style from "./Money.module.css";
import table from "./MoneyTable.module.css";
import { useMoneyWords } from "./moneyWords.js";

/** Every site's totals, and sums by currency: what is counted in another is never added. */
export function SitesTable({ answer }: { answer: LedgerSites }) {
  const { t, format } = useMoneyWords();
  const cells = (totals: LedgerFigures, currency: string) => (
    <>
      <td className={table.number} data-label={t("money.revenue")}>
        {format.money(moneyOf(totals.revenueMicro), currency)}
      </td>
      <td className={table.number} data-label={t("money.energyCost")}>
        {format.money(moneyOf(totals.energyCostMicro), currency)}
      </td>
      <td
        className={(totals.marginalProfitMicro ?? 0) < 0 ? `${table.number} ${table.loss}` : table.number}
        data-label={t("money.marginal")}
      >
        {format.money(moneyOf(totals.marginalProfitMicro), currency, true)}
      </td>
      <td
        className={(totals.loadedProfitMicro ?? 0) < 0 ? `${table.number} ${table.loss}` : table.number}
        data-label={t("money.loaded")}
      >
        {format.money(moneyOf(totals.loadedProfitMicro), currency, true)}
      </td>
      <td className={table.number} data-label={t("money.known")}>
        {joined(format.percent(shareOf(totals.coverage.profitMs, totals.coverage.spanMs)))}
      </td>
    </>
  );
  return (
    <Panel title={t("money.sites")} note={t("money.sitesNote")}>
      <table className={table.table} data-testid="sites">
        <thead>
          <tr>
            <th scope="col">{t("money.site")}</th>
            {(["money.revenue", "money.energyCost", "money.marginal", "money.loaded"] as const).map(
              (word) => (
                <th key={word} scope="col" className={table.number}>
                  {t(word)}
                </th>
              ),
            )}
            <th scope="col" className={table.number}>
              {t("money.known")}
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.sites.map((site) => (
            <tr key={site.site}>
              <th scope="row">
                <button type="button" className={style.why} onClick={() => chooseSite(site.site)}>
                  {site.name}
                </button>
                <small>{site.zone}</small>
              </th>
              {cells(site.totals, site.currency)}
            </tr>
          ))}
          {answer.byCurrency.map(({ currency, totals }) => (
            <tr key={currency} className={table.sumLine}>
              <th scope="row">
                {t("money.sum", {
                  n: answer.sites.filter((site) => site.currency === currency).length,
                  currency,
                })}
              </th>
              {cells(totals, currency)}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={style.dim}>{t("money.choose")}</p>
    </Panel>
  );
}
