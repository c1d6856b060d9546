import type { Ledger } from "@hashwatt/protocol/ledger";
import style from "./Money.module.css";
import { useMoneyWords } from "./moneyWords.js";

const HOUR_MS = 3_600_000;

/** How far the ledger reaches, what is being priced anew, and what it has to say besides. */
export function LedgerState({ ledger }: { ledger: Ledger }) {
  const { t, format } = useMoneyWords();
  const { pricedToMs, due, notes, zone, totals, toMs } = ledger;
  const dueMs = due.reduce((sum, each) => sum + (each.toMs - each.fromMs), 0);
  const words = [
    pricedToMs === null
      ? t("money.nothingYet")
      : totals.coverage.spanMs === 0
        ? t(toMs > pricedToMs ? "money.nothingYet" : "money.nothing")
        : pricedToMs < toMs
          ? t("money.pricedTo", { time: format.moment(pricedToMs, zone) })
          : undefined,
    dueMs > 0 ? t("money.due", { n: format.number(Math.max(1, Math.round(dueMs / HOUR_MS)), 0) }) : undefined,
    ...notes,
  ].filter((each) => each !== undefined);
  return words.length === 0 ? null : (
    <p className={style.state} role="status" data-testid="ledgerState">
      {words.join(" · ")}
    </p>
  );
}
