import type { AlertView } from "@hashwatt/protocol/http";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useServerNow } from "../feed/useFeed.js";
import { LongText } from "../parts/LongText.js";
import { AlertMark } from "../parts/Marks.js";
import { shortName, withoutBrackets } from "../parts/shortName.js";
import { useSaid } from "../words/useSaid.js";
import { useWords } from "../words/words.js";
import style from "./AlertRow.module.css";
import { sinceMs } from "./alertOrder.js";
import { ruleName } from "./ruleName.js";
import { untilText } from "./untilText.js";

/** A source that is no longer than this is told whole. */
const SHORT_SOURCE = 48;

interface AlertRowProps {
  alert: AlertView;
  zone: string;
  full?: boolean;
  /** What can be done, above the row's own link: beside the words where there is room, else below them. */
  actions?: ReactNode;
  /** Stands below the words, above the row's own link. */
  below?: ReactNode;
}

/**
 * One alert: what, where, since when, how bad; the whole row leads to the rig, where it is about one. `full` adds the times and, where the reason does
 * not say them, its limit and where that comes from.
 */
export function AlertRow({ alert, zone, full, actions, below }: AlertRowProps) {
  const { t, format, span } = useWords();
  const said = useSaid();
  const reason = said(alert.reason);
  const nowMs = useServerNow();
  const since = sinceMs(alert);
  const lasted = (alert.resolvedMs ?? nowMs) - since;
  return (
    <li className={style.row} data-alert={alert.id} data-state={alert.state} data-rule={alert.rule}>
      <span className={style.mark}>
        <AlertMark alert={alert} />
      </span>
      <div>
        {alert.rig === undefined ? (
          <strong>{alert.members ? said(alert.subject.name) : alert.subject.name}</strong>
        ) : (
          <Link href={`/rigs/r${alert.rig}`} className={style.link}>
            {alert.subject.name}
          </Link>
        )}
        <span className={style.model}>
          {alert.model ? ` · ${alert.model}` : ""}
          {full ? (
            ` · ${ruleName(t, alert.rule)}`
          ) : (
            <span className="srOnly"> · {ruleName(t, alert.rule)}</span>
          )}
        </span>
        {alert.state === "firing" ? null : <span className={style.state}>{t(`alert.${alert.state}`)}</span>}
        {alert.ack ? (
          <span className={style.state} data-care="ack" title={format.moment(alert.ack.atMs, zone)}>
            ✓ {t("alert.acked", { who: said(alert.ack.by) })}
          </span>
        ) : null}
        {alert.state !== "resolved" && alert.snoozedUntilMs !== undefined && alert.snoozedUntilMs > nowMs ? (
          <span className={style.state} data-care="snooze">
            {t("alert.snoozed", { at: untilText(format, alert.snoozedUntilMs, nowMs, zone) })}
          </span>
        ) : null}
        {alert.silencedBy === undefined ? null : (
          <span className={style.state} data-care="silence">
            {t("alert.silenced")}
          </span>
        )}
        <div className={style.reason}>
          {full && alert.rule === "overheating" ? (
            withoutBrackets(reason)
          ) : (
            <LongText short={withoutBrackets(reason)} text={reason} />
          )}
        </div>
        {alert.ack?.note ? <div className={style.limit}>{alert.ack.note}</div> : null}
        {alert.probableCause === undefined ? null : (
          <div className={style.limit}>{t("alert.probableCause", { cause: said(alert.probableCause) })}</div>
        )}
        {alert.unknownSinceMs === undefined || alert.state === "resolved" ? null : (
          <div className={style.limit}>
            {t("alert.unknownFor", { span: span(nowMs - alert.unknownSinceMs) })}
          </div>
        )}
        {full && alert.limit !== null && alert.rule === "offline" ? (
          <div className={style.limit}>
            {t("alert.limit", {
              value: format.plain(alert.value),
              limit: format.plain(alert.limit),
              unit: alert.unit,
            })}
          </div>
        ) : null}
        {full && alert.rule !== "offline" && alert.limitSource && alert.limitSource !== "rule" ? (
          <div className={style.limit}>
            {t("alert.judgedBy")}{" "}
            <LongText
              short={
                alert.limitSource.length <= SHORT_SOURCE
                  ? said(alert.limitSource)
                  : shortName(said(alert.limitSource))
              }
              text={said(alert.limitSource)}
            />
          </div>
        ) : null}
      </div>
      <span className={style.money}>
        {alert.lossPerH === null || !alert.currency ? (
          full ? (
            <span title={t("alert.lossUnknown")}>—</span>
          ) : null
        ) : (
          <span className={alert.state === "resolved" ? style.resolved : style.loss}>
            {format.money(-alert.lossPerH, alert.currency)}/h
          </span>
        )}
        <span className={style.since} title={format.moment(since, zone)}>
          {span(lasted)}
        </span>
        {full ? <span className={style.since}>{format.moment(since, zone)}</span> : null}
      </span>
      {actions ? <div className={style.do}>{actions}</div> : null}
      {below ? <div className={style.below}>{below}</div> : null}
    </li>
  );
}
