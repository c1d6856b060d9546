import type { Ledger } from "@hashwatt/protocol/ledger";
import { shareOf } from "../money/hourGrid.js";
import { joined, kgOf } from "../money/ledgerFormat.js";
import table from "../money/MoneyTable.module.css";
import { useMoneyWords } from "../money/moneyWords.js";
import { Panel } from "../parts/Panel.js";

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** Location- and market-based by rigs and overhead; the two methods answer two questions. */
export function MethodTable({ ledger }: { ledger: Ledger }) {
  const { t, format } = useMoneyWords();
  const { totals } = ledger;
  const { coverage } = totals;
  const mass = (mg: number | null) => joined(format.mass(kgOf(mg)));
  const share = (ms: number) => joined(format.percent(shareOf(ms, coverage.spanMs)));
  const rows = [
    {
      name: t("carbon.location"),
      note: t("carbon.locationNote"),
      rigs: totals.co2LocationMg,
      overhead: totals.overheadCo2LocationMg,
      ms: coverage.weighedMs,
    },
    {
      name: t("carbon.market"),
      note: t("carbon.marketNote"),
      rigs: totals.co2MarketMg,
      overhead: totals.overheadCo2MarketMg,
      ms: coverage.weighedMarketMs,
    },
  ];
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
          {rows.map(({ name, note, rigs, overhead, ms }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                <small>{note}</small>
              </th>
              <td className={table.number} data-label={t("carbon.rigs")}>
                {mass(rigs)}
              </td>
              <td className={table.number} data-label={t("carbon.overhead")}>
                {mass(overhead)}
              </td>
              <td className={table.number} data-label={t("carbon.total")}>
                {mass(plus(rigs, overhead))}
              </td>
              <td className={table.number} data-label={t("money.known")}>
                {share(ms)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
