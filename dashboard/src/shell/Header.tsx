import { useFeed, useRead, useServerNow } from "../feed/useFeed.js";
import { replayId } from "../replay/replayId.js";
import { useWords } from "../words/words.js";
import { silentMs } from "./freshness.js";
import style from "./Header.module.css";
import { LanguageButton, LogoutButton, ThemeButton } from "./ScreenButtons.js";
import { chooseSite } from "./siteChoice.js";
import { useScope } from "./useScope.js";
import { useShortestInterval } from "./useShortestInterval.js";

function SiteChoice() {
  const { t } = useWords();
  const scope = useScope();
  if (!scope) return <strong className={style.site}>Hashwatt</strong>;
  const { sites } = scope.totals;
  if (sites.length <= 1) return <strong className={style.site}>{sites[0]?.name ?? t("site.none")}</strong>;
  return (
    <select
      className={style.pick}
      aria-label={t("site.choose")}
      value={scope.key}
      onChange={(event) => chooseSite(event.target.value)}
    >
      <option value="">{t("site.all")}</option>
      {sites.map((site) => (
        <option key={site.site} value={site.site}>
          {site.name}
        </option>
      ))}
    </select>
  );
}

function ConnectionState() {
  const { t, span } = useWords();
  const feed = useFeed();
  const connection = useRead(feed.connection);
  const totals = useRead(feed.totals);
  const nowMs = useServerNow();
  const intervalMs = useShortestInterval();
  const newest = totals?.newestMs;
  const quietMs = connection.state === "live" ? silentMs(totals, nowMs, intervalMs) : undefined;
  const age = (ms: number) => <span data-field="dataAge">{span(ms)}</span>;
  return (
    <span
      className={style.live}
      data-connection={connection.state}
      data-replay={replayId === undefined ? undefined : "true"}
      data-fresh={quietMs === undefined ? undefined : "false"}
      data-testid="connection"
    >
      <i className={style.dot} />
      <span>
        {quietMs === undefined ? (
          t(
            replayId !== undefined && connection.state === "live"
              ? "connection.replay"
              : `connection.${connection.state}`,
          )
        ) : (
          <>
            {t("connection.silent")} {age(quietMs)}
          </>
        )}
        {quietMs !== undefined || newest === null || newest === undefined ? null : (
          <>
            {" · "}
            {age(nowMs - newest)}
            <span className={style.longOnly}>{t("connection.old")}</span>
          </>
        )}
      </span>
    </span>
  );
}

function SiteClock() {
  const { format } = useWords();
  const scope = useScope();
  const nowMs = useServerNow();
  if (!scope) return null;
  return (
    <span className={style.time}>
      {format.moment(nowMs, scope.zone)} <span className={style.zone}>{scope.zone}</span>
    </span>
  );
}

/** Where one is, whether it is live and how old the newest reading is; at the right time, language and theme. */
export function Header() {
  const { t, format } = useWords();
  const scope = useScope();
  return (
    <header className={style.header}>
      <SiteChoice />
      <ConnectionState />
      {scope ? (
        <span data-field="reporting" title={t("reporting.title")}>
          <span className={style.longOnly}>
            {t("reporting", {
              n: format.number(scope.sums.reporting, 0),
              total: format.number(scope.sums.rigs, 0),
            })}
          </span>
          <span className={style.shortOnly}>
            {format.number(scope.sums.reporting, 0)}/{format.number(scope.sums.rigs, 0)}
          </span>
        </span>
      ) : null}
      <div className={style.right}>
        <SiteClock />
        <div className={style.buttons}>
          <LanguageButton />
          <ThemeButton />
          <LogoutButton />
        </div>
      </div>
    </header>
  );
}
