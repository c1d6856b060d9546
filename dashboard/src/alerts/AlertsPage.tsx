import type { AlertView } from "@hashwatt/protocol/http";
import { fetchAlerts } from "../feed/fetchApi.js";
import { useFeed, useFetched, useRead } from "../feed/useFeed.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { useScope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import { AlertRow } from "./AlertRow.js";
import style from "./AlertsPage.module.css";
import { joinAlerts, openAlerts } from "./alertOrder.js";

const WEEK_MS = 7 * 86_400_000;
const REFRESH_MS = 300_000;

function List({
  alerts,
  zones,
  fallback,
  empty,
}: {
  alerts: AlertView[];
  zones: Map<string, string>;
  fallback: string;
  empty: string;
}) {
  if (alerts.length === 0) return <Waiting text={empty} />;
  return (
    <ul>
      {alerts.map((alert) => (
        <AlertRow key={alert.id} alert={alert} zone={zones.get(alert.site) ?? fallback} full />
      ))}
    </ul>
  );
}

/** Every alert that is open, and what was resolved in the last seven days. */
export function AlertsPage() {
  const { t, format } = useWords();
  usePageTitle(t("nav.alerts"));
  const feed = useFeed();
  const scope = useScope();
  const live = useRead(feed.alerts);
  const archive = useFetched(
    "alerts",
    (signal) => fetchAlerts(feed.serverNowMs() - WEEK_MS, signal),
    REFRESH_MS,
  );
  if (!scope || (!live && !archive.data && !archive.error))
    return <Waiting text={t("alerts.loading")} height={300} />;
  const site = scope.key;
  const all = joinAlerts(archive.data ?? [], live ?? []);
  const open = openAlerts(all, site);
  const firing = open.filter((alert) => alert.state === "firing");
  const pending = open.filter((alert) => alert.state === "pending");
  const sinceMs = feed.serverNowMs() - WEEK_MS;
  const resolved = all
    .filter(
      (alert) =>
        alert.state === "resolved" && (!site || alert.site === site) && (alert.resolvedMs ?? 0) >= sinceMs,
    )
    .sort((a, b) => (b.resolvedMs ?? 0) - (a.resolvedMs ?? 0));
  const zones = new Map(scope.totals.sites.map((each) => [each.site, each.zone]));
  const count = (list: AlertView[]) => format.number(list.length, 0);
  return (
    <div className={style.page}>
      <h1 className="srOnly">{t("nav.alerts")}</h1>
      <Panel title={t("alerts.firing")} note={t("alerts.order")} aside={count(firing)} flush>
        <List alerts={firing} zones={zones} fallback={scope.zone} empty={t("attention.none")} />
      </Panel>
      {pending.length > 0 ? (
        <Panel title={t("alerts.pending")} note={t("alerts.pendingNote")} aside={count(pending)} flush>
          <List alerts={pending} zones={zones} fallback={scope.zone} empty="" />
        </Panel>
      ) : null}
      <Panel title={t("alerts.resolved")} note={t("alerts.resolvedNote")} aside={count(resolved)} flush>
        {archive.error ? (
          <div className={style.pad}>
            <Problem error={archive.error} onRetry={archive.retry} />
          </div>
        ) : null}
        <List alerts={resolved} zones={zones} fallback={scope.zone} empty={t("alerts.noneResolved")} />
      </Panel>
    </div>
  );
}
