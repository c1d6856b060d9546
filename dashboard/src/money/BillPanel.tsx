import type { Bill, BillLine } from "@hashwatt/protocol/settings";
import { getJson, query } from "../feed/fetchApi.js";
import { useFetched } from "../feed/useFeed.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { LongText } from "../parts/LongText.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { shortName } from "../parts/shortName.js";
import { BillReason } from "./BillReason.js";
import type { Stretch } from "./ledgerApi.js";
import style from "./Money.module.css";
import table from "./MoneyTable.module.css";
import { type MoneyWords, useMoneyWords } from "./moneyWords.js";

const REFRESH_MS = 300_000;

/** "744,000 kWh × 0.65", as far as it is known. */
function countOf({ format }: Pick<MoneyWords, "format">, { quantity, unit, price }: BillLine): string {
  const amount =
    quantity === null ? "" : `${format.number(quantity, quantity >= 100 ? 0 : 2)} ${unit ?? ""}`.trim();
  return price === null || amount === "" ? amount : `${amount} × ${format.plain(price)}`;
}

function OneBill({ bill, zone }: { bill: Bill; zone: string }) {
  const words = useMoneyWords();
  const { t, format } = words;
  const least = (atLeast: boolean, text: string) => (atLeast && text !== "—" ? `≥ ${text}` : text);
  return (
    <section data-bill={bill.tariff}>
      <h3 className={style.sub}>
        {bill.name} · {bill.period.name} {bill.open ? <b className={style.badge}>{t("bill.open")}</b> : null}
        <small>
          {t("bill.measured", {
            share: format.percent(bill.coverage).text,
            basis: t(`bill.basis.${bill.basis}`),
          })}
        </small>
      </h3>
      <table className={table.table}>
        <tbody>
          {bill.lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bill's row is its place
            <tr key={at}>
              <th scope="row">
                {line.provisional ? <b className={style.badge}>{t("money.provisional")}</b> : null}
                {line.name}
                {line.peak ? (
                  <small>
                    {t("bill.peak", {
                      kw: format.number(line.peak.kw),
                      time: format.moment(line.peak.startMs, zone),
                    })}
                  </small>
                ) : null}
                {line.note ? <small>{line.note}</small> : null}
                <BillReason why={line.why} zone={zone} />
              </th>
              <td className={table.number}>{countOf(words, line)}</td>
              <td className={table.number}>
                {least(line.atLeast, format.money(line.amount, bill.currency, false, 2))}
              </td>
            </tr>
          ))}
          <tr className={table.sumLine}>
            <th scope="row">
              {t(bill.open ? "bill.soFar" : "bill.total")}
              <small>
                <LongText short={shortName(bill.source)} text={bill.source} />
              </small>
            </th>
            <td className={table.number}>{format.number(bill.kwh, 0)} kWh</td>
            <td className={table.number}>
              {least(bill.atLeast, format.money(bill.total, bill.currency, false, 2))}
            </td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

/** What the site's tariffs come to in the billing periods that a stretch touches, row by row; what may still grow says so. */
export function BillPanel({ site, zone, stretch }: { site: string; zone: string; stretch: Stretch }) {
  const { t } = useMoneyWords();
  const { fromMs, toMs } = stretch;
  const { data, atMs, error, retry } = useFetched(
    `bills ${site} ${fromMs} ${toMs}`,
    (signal) => getJson<Bill[]>(`/api/bills?${query({ site, from: fromMs, to: toMs })}`, signal),
    REFRESH_MS,
  );
  return (
    <Panel title={t("bill.title")} note={t("bill.note")}>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("money.loading")} height={80} /> : null}
      {data?.length === 0 ? <p className={style.dim}>{t("bill.none")}</p> : null}
      {data?.map((bill) => (
        <OneBill key={`${bill.tariff} ${bill.period.startMs}`} bill={bill} zone={zone} />
      ))}
    </Panel>
  );
}
