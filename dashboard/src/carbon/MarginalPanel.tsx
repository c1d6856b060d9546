import type { Input } from "@hashwatt/protocol/http";
import { useMoneyWords } from "../money/moneyWords.js";
import { InputList } from "../parts/InputList.js";
import { Panel } from "../parts/Panel.js";

/** What one kWh less would change; apart from every footprint. */
export function MarginalPanel({ inputs, zone }: { inputs: readonly Input[]; zone: string }) {
  const { t } = useMoneyWords();
  const marginal = inputs.filter(({ kind, value }) => kind === "marginal" && value !== null);
  return (
    <Panel title={t("carbon.marginal")} note={t("carbon.marginalNote")} flush={marginal.length > 0}>
      {marginal.length === 0 ? (
        <p>{t("carbon.marginalNone")}</p>
      ) : (
        <InputList inputs={marginal} zone={zone} />
      )}
    </Panel>
  );
}
