import { Link } from "wouter";
import { useServerNow } from "../feed/useFeed.js";
import { fleetPath, parseFleetQuery } from "../fleet/fleetQuery.js";
import { AlertMark } from "../parts/Marks.js";
import { useWords } from "../words/words.js";
import style from "./AlertRow.module.css";
import type { AlertGroup } from "./alertGroups.js";
import { sinceMs } from "./alertOrder.js";
import { groupName } from "./ruleName.js";

const NAMED = 3;

/** Several alike alerts as one entry: how many of which model, since when, what they lose together; leads to these rigs. */
export function GroupRow({ group, zone }: { group: AlertGroup; zone: string }) {
  const { t, format, span } = useWords();
  const nowMs = useServerNow();
  const since = sinceMs(group);
  const { alerts, model } = group;
  const n = format.number(alerts.length, 0);
  const names = alerts.slice(0, NAMED).map(({ subject }) => subject.name);
  const more = alerts.length - names.length;
  return (
    <li className={style.row} data-group={group.rule} data-state={group.state}>
      <span className={style.mark}>
        <AlertMark alert={group} />
      </span>
      <div>
        <Link
          href={fleetPath({ ...parseFleetQuery(""), ...(model !== undefined && { model }) })}
          className={style.link}
        >
          {groupName(t, group.rule, n, model ?? t("unknown.model"))}
        </Link>
        {group.state === "firing" ? null : <span className={style.state}>{t(`alert.${group.state}`)}</span>}
        <div className={style.reason}>
          {names.join(", ")}
          {more > 0 ? ` ${t("group.more", { n: format.number(more, 0) })}` : ""}
        </div>
      </div>
      <span className={style.money}>
        {group.lossPerH === null || !group.currency ? null : (
          <span
            className={style.loss}
            title={t("group.loss", { n: format.number(group.lossRigs, 0), total: n })}
          >
            {format.money(-group.lossPerH, group.currency)}/h
          </span>
        )}
        <span className={style.since} title={format.moment(since, zone)}>
          {span(nowMs - since)}
        </span>
      </span>
    </li>
  );
}
