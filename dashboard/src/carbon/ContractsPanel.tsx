import type { Matching } from "@hashwatt/protocol/matching";
import { Link } from "wouter";
import type { Fetched } from "../feed/useFeed.js";
import { joined } from "../money/ledgerFormat.js";
import style from "../money/Money.module.css";
import { useMoneyWords } from "../money/moneyWords.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { LongText } from "../parts/LongText.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { shortName } from "../parts/shortName.js";

/** The contracts of a site and how much of its energy they supplied in its own hours. */
export function ContractsPanel({ matching: { data, atMs, error, retry } }: { matching: Fetched<Matching> }) {
  const { t, format } = useMoneyWords();
  return (
    <Panel title={t("carbon.contracts")} note={t("carbon.contractsNote")}>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("money.loading")} /> : null}
      {data?.contracts.length === 0 ? (
        <p>
          {t("carbon.contractsNone")} <Link href="/settings/contracts">{t("nav.settings")} →</Link>
        </p>
      ) : null}
      {data && data.contracts.length > 0 ? (
        <>
          <p data-testid="matched">
            {data.hourly === null
              ? t("carbon.matchUnknown")
              : `${t("carbon.matched", { share: format.percent(data.hourly).text })}; ${t(
                  "carbon.unmatched",
                  {
                    energy: joined(format.energy(data.unmatchedKwh)),
                  },
                )}.`}{" "}
            {data.annual === null ? "" : t("carbon.annual", { share: format.percent(data.annual).text })}
          </p>
          {data.unknownHours > 0 ? (
            <p>
              {t("carbon.matchUnknownHours", {
                n: format.number(data.unknownHours, 0),
                all: format.number(data.hours, 0),
              })}
            </p>
          ) : null}
          <ul className={style.sources}>
            {data.contracts.map((contract) => (
              <li key={contract.id}>
                <b>{contract.name}</b> {t(`carbon.contract.${contract.kind}`)} ·{" "}
                {joined(format.energy(contract.usedKwh))} · {format.plain(contract.kgPerKwh)} kg/kWh
                <div className={style.dim}>
                  {contract.validTo === undefined
                    ? t("carbon.since", { from: contract.validFrom })
                    : t("carbon.fromTo", { from: contract.validFrom, to: contract.validTo })}
                  <div>
                    <LongText short={shortName(contract.source)} text={contract.source} />
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Panel>
  );
}
