import { Link } from "wouter";
import { AlertRow } from "../alerts/AlertRow.js";
import { openAlerts } from "../alerts/alertOrder.js";
import { useFeed, useRead } from "../feed/useFeed.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import type { Scope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import style from "./AttentionPanel.module.css";

const MOST = 7;

/** What needs somebody, the most urgent first; one click leads to the rig. */
export function AttentionPanel({ scope }: { scope: Scope }) {
  const { t, format } = useWords();
  const alerts = useRead(useFeed().alerts);
  const open = openAlerts(alerts ?? [], scope.key);
  const zones = new Map(scope.totals.sites.map(({ site, zone }) => [site, zone]));
  return (
    <Panel title={t("attention.title")} note={t("attention.note")} flush>
      {open.length === 0 ? (
        <Waiting text={alerts ? t("attention.none") : t("alerts.loading")} />
      ) : (
        <ul data-testid="attention">
          {open.slice(0, MOST).map((alert) => (
            <AlertRow key={alert.id} alert={alert} zone={zones.get(alert.site) ?? scope.zone} />
          ))}
        </ul>
      )}
      {open.length > MOST ? (
        <Link href="/alerts" className={style.more}>
          {t("attention.all", { n: format.number(open.length, 0) })}
        </Link>
      ) : null}
    </Panel>
  );
}
