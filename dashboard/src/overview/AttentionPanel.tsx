import { Link } from "wouter";
import { AlertRow } from "../alerts/AlertRow.js";
import { groupAlerts } from "../alerts/alertGroups.js";
import { openAlerts } from "../alerts/alertOrder.js";
import { GroupRow } from "../alerts/GroupRow.js";
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
  const shown = groupAlerts(open).slice(0, MOST);
  const zones = new Map(scope.totals.sites.map(({ site, zone }) => [site, zone]));
  return (
    <Panel title={t("attention.title")} note={t("attention.note")} flush>
      {open.length === 0 ? (
        <Waiting text={alerts ? t("attention.none") : t("alerts.loading")} />
      ) : (
        <ul data-testid="attention">
          {shown.map((group) => {
            const [alert, ...others] = group.alerts;
            if (!alert) return null;
            const zone = zones.get(alert.site) ?? scope.zone;
            return others.length > 0 ? (
              <GroupRow key={group.id} group={group} zone={zone} />
            ) : (
              <AlertRow key={group.id} alert={alert} zone={zone} />
            );
          })}
        </ul>
      )}
      {open.length > shown.length ? (
        <Link href="/alerts" className={style.more}>
          {t("attention.all", { n: format.number(open.length, 0) })}
        </Link>
      ) : null}
    </Panel>
  );
}
