import { useEffect, useState } from "react";
import { useFeed } from "../feed/useFeed.js";
import { useNaturalOrder } from "../fleet/useRowOrder.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { every, screenClock } from "../time.js";
import { breakEvenByModel, type ModelBreakEven } from "./breakEvenByModel.js";
import table from "./MoneyTable.module.css";
import { useMoneyWords } from "./moneyWords.js";

const REFRESH_MS = 2_000;

/** Which models stop paying first as the price of energy rises. */
export function ModelPanel({ site, currency }: { site: string; currency: string }) {
  const { t, format } = useMoneyWords();
  const feed = useFeed();
  const rigs = useNaturalOrder(site);
  const [models, setModels] = useState<ModelBreakEven[]>([]);
  useEffect(() => {
    const add = () => setModels(breakEvenByModel(feed.fleet.table, rigs, feed.serverNowMs()));
    add();
    return every(screenClock, REFRESH_MS, add);
  }, [feed, rigs]);
  return (
    <Panel title={t("money.models")} note={t("money.modelsNote")}>
      {models.length === 0 ? (
        <Waiting text={t("money.modelsNone")} />
      ) : (
        <table className={table.table} data-testid="models">
          <thead>
            <tr>
              <th scope="col">{t("money.model")}</th>
              <th scope="col" className={table.number}>
                {t("money.rigs")}
              </th>
              <th scope="col" className={table.number}>
                {t("money.efficiency")}
              </th>
              <th scope="col" className={table.number}>
                {t("money.breakEvenAt")}
              </th>
              <th scope="col" className={table.number}>
                {t("money.profitNow")}
              </th>
            </tr>
          </thead>
          <tbody>
            {models.map((each) => {
              const { model, algo, breakEvenPerKwh, pricePerKwh, profitPerH } = each;
              const below = breakEvenPerKwh !== null && pricePerKwh !== null && breakEvenPerKwh < pricePerKwh;
              const efficiency = format.efficiency(each.jPerTh);
              return (
                <tr key={`${model} ${algo}`}>
                  <th scope="row">
                    {model ?? t("unknown.model")}
                    {each.missing === null ? null : (
                      <small>{t(`money.missing.${each.missing}`, { algo: algo ?? "" })}</small>
                    )}
                    {below ? <small className={table.loss}>▽ {t("money.below")}</small> : null}
                  </th>
                  <td className={table.number} data-label={t("money.rigs")}>
                    {each.known === each.rigs
                      ? format.number(each.rigs, 0)
                      : t("money.knownOf", {
                          known: format.number(each.known, 0),
                          n: format.number(each.rigs, 0),
                        })}
                  </td>
                  <td className={table.number} data-label={t("money.efficiency")}>
                    {efficiency.text} {efficiency.unit}
                  </td>
                  <td className={table.number} data-label={t("money.breakEvenAt")}>
                    {format.money(breakEvenPerKwh, currency)}
                    {breakEvenPerKwh === null ? "" : t("money.perKwh")}
                  </td>
                  <td
                    className={
                      profitPerH !== null && profitPerH < 0 ? `${table.number} ${table.loss}` : table.number
                    }
                    data-label={t("money.profitNow")}
                  >
                    {format.money(profitPerH, currency, true)}
                    {profitPerH === null ? "" : "/h"}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
