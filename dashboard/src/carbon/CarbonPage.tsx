import type { Matching } from "@hashwatt/protocol/matching";
import type { RatesView } from "@hashwatt/protocol/rates";
import { useState } from "react";
import { getJson, query } from "../feed/fetchApi.js";
import { useFetched, useServerNow } from "../feed/useFeed.js";
import { ExplainDialog } from "../money/ExplainDialog.js";
import { LedgerState } from "../money/LedgerState.js";
import { fetchLedger, type Stretch } from "../money/ledgerApi.js";
import type { LedgerFigure } from "../money/ledgerFigure.js";
import style from "../money/Money.module.css";
import { useMoneyWords } from "../money/moneyWords.js";
import { PeriodBar } from "../money/PeriodBar.js";
import { RegionNotices } from "../money/RegionNotices.js";
import { SourcePanel } from "../money/SourcePanel.js";
import { usePeriod } from "../money/usePeriod.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Waiting } from "../parts/Problem.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { chooseSite } from "../shell/siteChoice.js";
import { type Scope, useScope } from "../shell/useScope.js";
import { attributionsOf } from "./attributions.js";
import { CarbonFigures } from "./CarbonFigures.js";
import { CarbonHours } from "./CarbonHours.js";
import { ContractsPanel } from "./ContractsPanel.js";
import { MarginalPanel } from "./MarginalPanel.js";
import { MethodTable } from "./MethodTable.js";
import { UnknownPanel } from "./UnknownPanel.js";

const REFRESH_MS = 60_000;

function OneSite({ scope }: { scope: Scope }) {
  const { t, format } = useMoneyWords();
  const nowMs = useServerNow();
  const { site, zone, inputs } = scope.sites[0]!;
  const { period, onKind, onMove } = usePeriod(zone, nowMs);
  const { fromMs, toMs } = period;
  const { data, atMs, error, retry } = useFetched(
    `ledger ${site} ${fromMs} ${toMs}`,
    (signal) => fetchLedger(site, { fromMs, toMs }, "hour", signal),
    REFRESH_MS,
  );
  const of = data && { from: data.fromMs, to: data.toMs };
  const matching = useFetched(
    of && `matching ${site} ${of.from} ${of.to}`,
    (signal) => getJson<Matching>(`/api/matching?${query({ site, ...of })}`, signal),
    REFRESH_MS * 5,
  );
  const [asked, ask] = useState<{ figure: LedgerFigure; stretch: Stretch; when: string }>();
  const factors = data?.sources.filter(({ kind }) => kind === "carbon" || kind === "carbonMarket") ?? [];
  const { data: rates } = useFetched(
    "rates",
    (signal) => getJson<RatesView>("/api/rates", signal),
    REFRESH_MS * 5,
  );
  const credits = [
    ...new Set([
      ...attributionsOf([
        ...factors.map(({ source }) => source),
        ...inputs.flatMap(({ source, note }) => [source, note ?? ""]),
      ]),
      ...(rates?.sources ?? []).flatMap(({ series, attribution }) =>
        attribution !== undefined && series.some((name) => /^(carbon|marginal|generation)\//.test(name))
          ? [attribution]
          : [],
      ),
    ]),
  ];
  return (
    <>
      <PeriodBar period={period} zone={zone} nowMs={nowMs} onKind={onKind} onMove={onMove} />
      <RegionNotices sites={[site]} />
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("money.loading")} height={400} /> : null}
      {data ? (
        <>
          <LedgerState ledger={data} />
          <CarbonFigures
            ledger={data}
            contracts={matching.data?.contracts}
            onAsk={(figure) =>
              ask({
                figure,
                stretch: { fromMs: data.fromMs, toMs: data.toMs },
                when: `${format.day(fromMs, zone)} – ${format.date(toMs - 1, zone)}`,
              })
            }
          />
          <CarbonHours
            ledger={data}
            period={period}
            nowMs={nowMs}
            onHour={({ startMs, endMs }) =>
              ask({
                figure: "co2Location",
                stretch: { fromMs: startMs, toMs: Math.min(endMs, data.toMs) },
                when: `${format.day(startMs, zone)}, ${format.clock(startMs, zone)}`,
              })
            }
          />
          <div className={style.columns}>
            <div className={style.column}>
              <MethodTable ledger={data} />
              <ContractsPanel matching={matching} />
            </div>
            <div className={style.column}>
              <SourcePanel
                title={t("carbon.factors")}
                note={t("carbon.factorsNote")}
                empty={t("money.sourcesNone")}
                sources={factors}
                zone={zone}
              />
              <MarginalPanel inputs={inputs} zone={zone} />
              <UnknownPanel ledger={data} />
            </div>
          </div>
          {credits.length > 0 ? (
            <p className={style.dim} data-testid="attributions">
              {t("carbon.licences")}: {credits.join(" · ")}
            </p>
          ) : null}
        </>
      ) : null}
      {asked && data ? <ExplainDialog ledger={data} {...asked} onClose={() => ask(undefined)} /> : null}
    </>
  );
}

/** One site at a time: each has a grid and contracts of its own. */
function ChooseSite({ scope }: { scope: Scope }) {
  const { t } = useMoneyWords();
  return (
    <>
      <p>{t("carbon.choose")}</p>
      <ul className={style.sources}>
        {scope.sites.map(({ site, name }) => (
          <li key={site}>
            <button type="button" className={style.why} onClick={() => chooseSite(site)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What each hour emitted, by both methods side by side, with factors, contracts and what is not known. */
export function CarbonPage() {
  const { t } = useMoneyWords();
  usePageTitle(t("carbon.page"));
  const scope = useScope();
  return (
    <div className={style.page}>
      <h1 className="srOnly">{t("carbon.page")}</h1>
      {!scope ? (
        <Waiting text={t("waiting.first")} height={300} />
      ) : scope.sites.length === 0 ? (
        <Waiting text={t("money.nothingYet")} height={300} />
      ) : scope.sites.length === 1 ? (
        <OneSite key={scope.sites[0]!.site} scope={scope} />
      ) : (
        <ChooseSite scope={scope} />
      )}
    </div>
  );
}
