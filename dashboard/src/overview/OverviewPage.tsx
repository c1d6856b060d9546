import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { fetchAvailability } from "../feed/fetchApi.js";
import { useFeed, useRead } from "../feed/useFeed.js";
import { HeatLegend, HeatMap } from "../fleet/HeatMap.js";
import { useNaturalOrder } from "../fleet/useRowOrder.js";
import { InputList } from "../parts/InputList.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { replayId } from "../replay/replayId.js";
import { type Scope, useScope } from "../shell/useScope.js";
import { useSaid } from "../words/useSaid.js";
import { useWords } from "../words/words.js";
import { AirPanel } from "./AirPanel.js";
import { AttentionPanel } from "./AttentionPanel.js";
import { HashratePanel } from "./HashratePanel.js";
import { HoursPanel } from "./HoursPanel.js";
import style from "./OverviewPage.module.css";
import { PowerPanel } from "./PowerPanel.js";
import { ScopeFigures } from "./ScopeFigures.js";
import { useScopeHistory } from "./useScopeHistory.js";

/** What the law says where a site stands is loaded after the figures that it stands beside. */
const RegionNotices = lazy(() =>
  import("../money/RegionNotices.js").then((part) => ({ default: part.RegionNotices })),
);

/** It is below what one comes for. */
const AvailabilityPanel = lazy(() =>
  import("../parts/AvailabilityPanel.js").then((part) => ({ default: part.AvailabilityPanel })),
);

/** The page of a system that has no rig yet: what is there, and what comes next. */
function FirstStart({ scope }: { scope: Scope }) {
  const { t } = useWords();
  const said = useSaid();
  const { agents } = scope.totals;
  return (
    <Panel title={t("first.title")} className={style.first}>
      <p>{agents.length === 0 ? t("first.noAgent") : t("first.noRig")}</p>
      {agents.map((agent) => (
        <p key={`${agent.site}/${agent.agent}`}>
          {agent.site}/{agent.agent} · {t(`agent.${agent.state}`)}
          {agent.note ? ` · ${said(agent.note)}` : ""}
        </p>
      ))}
    </Panel>
  );
}

function Loaded({ scope }: { scope: Scope }) {
  const { t } = useWords();
  const { fleet } = useFeed();
  const structure = useRead(fleet.structure);
  const history = useScopeHistory(scope);
  const rigs = useNaturalOrder(scope.key);
  const siteNames = Object.fromEntries(scope.sites.map(({ site, name }) => [site, name]));
  return (
    <div className={style.page}>
      <ScopeFigures scope={scope} history={history} rigs={rigs} />
      <Suspense fallback={null}>
        <RegionNotices brief sites={scope.sites.map(({ site }) => site)} />
      </Suspense>
      <div className={style.columns}>
        <div className={style.column}>
          <div className={style.order1}>
            <HoursPanel scope={scope} history={history} />
          </div>
          <div className={style.order3}>
            <Panel
              title={t("fleet.title")}
              note={t("colour.temp.note")}
              aside={<Link href="/fleet">{t("fleet.open")}</Link>}
            >
              {structure === 0 ? (
                <Waiting text={t("fleet.loading")} height={120} />
              ) : (
                <HeatMap rigs={rigs} colour="temp" mostHeight={196} />
              )}
              <div style={{ marginTop: 10 }}>
                <HeatLegend colour="temp" />
              </div>
            </Panel>
          </div>
          <div className={style.order5}>
            <HashratePanel scope={scope} history={history} />
          </div>
          <div className={style.order6}>
            <Panel title={t("inputs.title")} flush>
              <InputList
                wide
                inputs={scope.sites.flatMap(({ inputs }) => inputs)}
                zone={scope.zone}
                {...(scope.sites.length > 1 && { siteNames })}
              />
            </Panel>
          </div>
        </div>
        <div className={style.column}>
          <div className={style.order2}>
            <AttentionPanel scope={scope} />
          </div>
          <div className={style.order4}>
            <PowerPanel rigs={rigs} sites={scope.sites} />
          </div>
          <div className={style.order4}>
            <AirPanel scope={scope} />
          </div>
          <div className={style.order6}>
            {replayId === undefined ? (
              <Suspense fallback={null}>
                <AvailabilityPanel
                  name={scope.key}
                  several
                  load={(range, signal) =>
                    Promise.all(
                      scope.sites.map(({ site }) => fetchAvailability("sites", site, range, signal)),
                    )
                  }
                />
              </Suspense>
            ) : null}
          </div>
        </div>
      </div>
    </div>
  );
}

/** The first screen: is it running, is it earning, what needs me. */
export function OverviewPage() {
  const { t } = useWords();
  usePageTitle(t("nav.overview"));
  const scope = useScope();
  const { state } = useRead(useFeed().connection);
  return (
    <>
      <h1 className="srOnly">{t("nav.overview")}</h1>
      {!scope ? (
        <Waiting text={state === "lost" ? t("notice.unreachable") : t("waiting.first")} height={300} />
      ) : scope.sums.rigs === 0 ? (
        <FirstStart scope={scope} />
      ) : (
        <Loaded scope={scope} />
      )}
    </>
  );
}
