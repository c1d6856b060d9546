import { useFeed, useRead, useServerNow } from "../feed/useFeed.js";
import { chooseTheme, THEMES, useThemeChoice } from "../theme/themeStore.js";
import { speak, useWords } from "../words/words.js";
import { silentMs } from "./freshness.js";
import style from "./Header.module.css";
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
      data-fresh={quietMs === undefined ? undefined : "false"}
      data-testid="connection"
    >
      <i className={style.dot} />
      <span>
        {quietMs === undefined ? (
          t(`connection.${connection.state}`)
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

function ThemeButton() {
  const { t } = useWords();
  const choice = useThemeChoice();
  const next = THEMES[(THEMES.indexOf(choice) + 1) % THEMES.length]!;
  const label = t("theme.switch", { now: t(`theme.${choice}`), next: t(`theme.${next}`) });
  return (
    <button
      type="button"
      className={style.button}
      onClick={() => chooseTheme(next)}
      aria-label={label}
      title={label}
      data-theme-choice={choice}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor">
        {choice === "system" ? (
          <>
            <circle cx="8" cy="8" r="5.5" strokeWidth="1.4" />
            <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" stroke="none" />
          </>
        ) : choice === "dark" ? (
          <path
            d="M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z"
            strokeWidth="1.4"
            strokeLinejoin="round"
          />
        ) : (
          <>
            <circle cx="8" cy="8" r="3" strokeWidth="1.4" />
            <path
              d="M8 1v2m0 10v2M1 8h2m10 0h2M3 3l1.5 1.5m7 7L13 13M13 3l-1.5 1.5m-7 7L3 13"
              strokeWidth="1.4"
              strokeLinecap="round"
            />
          </>
        )}
      </svg>
    </button>
  );
}

function LanguageButton() {
  const { language } = useWords();
  const [next, short, label] =
    language === "en"
      ? (["zh-CN", "中", "切换到简体中文"] as const)
      : (["en", "EN", "Switch to English"] as const);
  return (
    <button
      type="button"
      className={style.button}
      onClick={() => speak(next)}
      aria-label={label}
      title={label}
      lang={next}
      data-testid="language"
    >
      {short}
    </button>
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
        </div>
      </div>
    </header>
  );
}
