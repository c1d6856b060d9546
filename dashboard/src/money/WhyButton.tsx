import style from "./Money.module.css";
import { useMoneyWords } from "./moneyWords.js";

/** Asks a figure why it is what it is. */
export function WhyButton({ what, onAsk }: { what: string; onAsk(): void }) {
  const { t } = useMoneyWords();
  return (
    <button type="button" className={style.why} aria-label={t("money.whyOf", { what })} onClick={onAsk}>
      {t("money.why")}
    </button>
  );
}
