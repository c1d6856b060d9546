import type { BillWhy } from "@hashwatt/protocol/settings";
import style from "./Money.module.css";
import { useMoneyWords } from "./moneyWords.js";

/** How a row of a bill comes about, to be opened: its formula, what goes in, and where and of when its prices are. */
export function BillReason({ why, zone }: { why: BillWhy; zone: string }) {
  const { t, format } = useMoneyWords();
  const source =
    why.asOfMs === null
      ? why.source
      : t("bill.whyDated", { source: why.source, date: format.date(why.asOfMs, zone) });
  return (
    <details className={style.more} data-testid="billWhy">
      <summary>{t("bill.why")}</summary>
      <p className={style.formula}>{t(`bill.formula.${why.formula}`)}</p>
      <ul>
        {why.inputs.map(({ name, value }) => (
          <li key={name}>
            {t(`bill.input.${name}`)}: {value === null ? "—" : format.plain(value)}
          </li>
        ))}
        <li>{source}</li>
      </ul>
    </details>
  );
}
