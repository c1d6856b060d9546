import { useState } from "react";
import { useFetched, useServerNow } from "../feed/useFeed.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { InputList } from "../parts/InputList.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { type Scope, useScope } from "../shell/useScope.js";
import { BillPanel } from "./BillPanel.js";
import { ExplainDialog } from "./ExplainDialog.js";
import { HourPanel } from "./HourPanel.js";
import { LedgerState } from "./LedgerState.js";
import { fetchLedger, fetchLedgerSites, type Stretch } from "./ledgerApi.js";
import type { LedgerFigure } from "./ledgerFigure.js";
import { ModelPanel } from "./ModelPanel.js";
import style from "./Money.module.css";
import { MoneyFigures } from "./MoneyFigures.js";
import { useMoneyWords } from "./moneyWords.js";
import { PeriodBar } from "./PeriodBar.js";
import { type Period, periodOf } from "./period.js";
import { ReconciliationPanel } from "./ReconciliationPanel.js";
import { RegionNotices } from "./RegionNotices.js";
import { SitesTable } from "./SitesTable.js";
import { SourcePanel } from "./SourcePanel.js";
import { Statement } from "./Statement.js";
import { UnitPanel } from "./UnitPanel.js";
import { usePeriod } from "./usePeriod.js";

const REFRESH_MS = 60_000;

interface Asked {
  figure: LedgerFigure;
  stretch: Stretch;
  when: string;
}

/** The whole months that a period touches: what is paid and billed is compared by the month. */
function monthsAround({ fromMs, toMs }: Period, zone: string): Stretch {
  return { fromMs: periodOf("month", fromMs, zone).fromMs, toMs: periodOf("month", toMs - 1, zone).toMs };
}

function OneSite({ scope }: { scope: Scope }) {
  const { t, format } = useMoneyWords();
  const nowMs = useServerNow();
  const { site, zone, currency } = scope.sites[0]!;
  const { period, onKind, onMove } = usePeriod(zone, nowMs);
  const { fromMs, toMs } = period;
  const { data, atMs, error, retry } = useFetched(
    `ledger ${site} ${fromMs} ${toMs}`,
    (signal) => fetchLedger(site, { fromMs, toMs }, "hour", signal),
    REFRESH_MS,
  );
  const [asked, ask] = useState<Asked>();
  const name = `${format.day(fromMs, zone)} – ${format.date(toMs - 1, zone)}`;
  const onAsk = (figure: LedgerFigure) =>
    data &&
    ask({ figure, stretch: { fromMs: data.fromMs, toMs: Math.max(data.fromMs + 1, data.toMs) }, when: name });
  return (
    <>
      <PeriodBar period={period} zone={zone} nowMs={nowMs} onKind={onKind} onMove={onMove} />
      <RegionNotices sites={[site]} />
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("money.loading")} height={400} /> : null}
      {data ? (
        <>
          <LedgerState ledger={data} />
          <MoneyFigures ledger={data} onAsk={onAsk} />
          <HourPanel
            ledger={data}
            period={period}
            nowMs={nowMs}
            onHour={({ startMs, endMs }) =>
              ask({
                figure: "marginalProfit",
                stretch: { fromMs: startMs, toMs: Math.min(endMs, data.toMs) },
                when: `${format.day(startMs, zone)}, ${format.clock(startMs, zone)}`,
              })
            }
          />
          <div className={style.columns}>
            <div className={style.column}>
              <Statement ledger={data} onAsk={onAsk} />
              <ModelPanel site={site} currency={currency} />
            </div>
            <div className={style.column}>
              <UnitPanel ledger={data} />
              <SourcePanel
                title={t("money.sources")}
                note={t("money.sourcesNote")}
                empty={t("money.sourcesNone")}
                sources={data.sources}
                zone={zone}
              />
            </div>
          </div>
        </>
      ) : null}
      <BillPanel site={site} zone={zone} stretch={period} />
      <ReconciliationPanel site={site} stretch={monthsAround(period, zone)} />
      <Panel title={t("inputs.title")} flush>
        <InputList wide inputs={scope.sites[0]!.inputs} zone={zone} />
      </Panel>
      {asked && data ? <ExplainDialog ledger={data} {...asked} onClose={() => ask(undefined)} /> : null}
    </>
  );
}

function AllSites({ scope }: { scope: Scope }) {
  const { t } = useMoneyWords();
  const nowMs = useServerNow();
  const { period, onKind, onMove } = usePeriod(scope.zone, nowMs);
  const { fromMs, toMs } = period;
  const { data, atMs, error, retry } = useFetched(
    `ledger sites ${fromMs} ${toMs}`,
    (signal) => fetchLedgerSites({ fromMs, toMs }, signal),
    REFRESH_MS,
  );
  return (
    <>
      <PeriodBar period={period} zone={scope.zone} nowMs={nowMs} onKind={onKind} onMove={onMove} />
      <RegionNotices sites={scope.sites.map(({ site }) => site)} />
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("money.loading")} height={300} /> : null}
      {data ? <SitesTable answer={data} /> : null}
    </>
  );
}

/** What each hour earned and cost: figures, hours by profit, statement, unit costs, break-even, and what they rest on. */
export function MoneyPage() {
  const { t } = useMoneyWords();
  usePageTitle(t("money.page"));
  const scope = useScope();
  return (
    <div className={style.page}>
      <h1 className="srOnly">{t("money.page")}</h1>
      {!scope ? (
        <Waiting text={t("waiting.first")} height={300} />
      ) : scope.sites.length === 0 ? (
        <Waiting text={t("money.nothingYet")} height={300} />
      ) : scope.sites.length === 1 ? (
        <OneSite key={scope.sites[0]!.site} scope={scope} />
      ) : (
        <AllSites scope={scope} />
      )}
    </div>
  );
}
