import type { Ledger } from "@hashwatt/protocol/ledger";
import { useMoneyWords } from "../money/moneyWords.js";
import { Panel } from "../parts/Panel.js";

/** What of the period is weighed by nothing. */
export function UnknownPanel({ ledger }: { ledger: Ledger }) {
  const { t, format } = useMoneyWords();
  const { spanMs, energyMs, weighedMs, weighedMarketMs } = ledger.totals.coverage;
  const share = (ms: number) => format.percent(spanMs > 0 ? ms / spanMs : null).text;
  const lines = [
    energyMs < spanMs && t("carbon.unknownEnergy", { share: share(spanMs - energyMs) }),
    weighedMs < energyMs && t("carbon.unknownLocation", { share: share(energyMs - weighedMs) }),
    weighedMarketMs < energyMs && t("carbon.unknownMarket", { share: share(energyMs - weighedMarketMs) }),
  ].filter((line) => line !== false);
  return (
    <Panel title={t("carbon.unknown")}>
      {lines.length === 0 ? <p>{t(spanMs > 0 ? "carbon.unknownNone" : "money.nothingYet")}</p> : null}
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </Panel>
  );
}
