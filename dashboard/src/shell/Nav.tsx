import { Link, useLocation } from "wouter";
import { firingAlone } from "../alerts/newlyFiring.js";
import { openCount } from "../feed/alertsCut.js";
import { useFeed, useRead } from "../feed/useFeed.js";
import { Mark } from "../parts/Mark.js";
import { replayId } from "../replay/replayId.js";
import { useWords, type WordKey } from "../words/words.js";
import style from "./Nav.module.css";
import { useScope } from "./useScope.js";

const PAGES: readonly { path: string; word: WordKey }[] = [
  { path: "/", word: "nav.overview" },
  { path: "/fleet", word: "nav.fleet" },
  // A replay shows the past of the rigs, not of the ledger.
  ...(replayId === undefined
    ? ([
        { path: "/money", word: "nav.money" },
        { path: "/carbon", word: "nav.carbon" },
      ] as const)
    : []),
  { path: "/alerts", word: "nav.alerts" },
  // In a replay one leaves it by its bar.
  ...(replayId === undefined ? [{ path: "/replay", word: "nav.replay" } as const] : []),
  { path: "/settings", word: "nav.settings" },
];

const isAt = (location: string, path: string): boolean =>
  path === "/"
    ? location === "/"
    : location === path ||
      location.startsWith(`${path}/`) ||
      (path === "/fleet" && location.startsWith("/rigs/"));

/** The pages that exist, and at the foot what runs behind them. */
export function Nav() {
  const { t, format } = useWords();
  const [location] = useLocation();
  const feed = useFeed();
  const scope = useScope();
  const { version } = useRead(feed.connection);
  const alerts = useRead(feed.alerts);
  const cut = useRead(feed.alertsCut);
  // As many as the page Alerts has: what stands under another is counted with that one.
  const firing = alerts && scope ? firingAlone(alerts, scope.key).length : 0;
  const mayBeMore = cut === "alerts";
  const count = openCount(format, firing, mayBeMore);
  const countText =
    firing === 0 ? t("nav.firingUnknown") : t("nav.firing", { n: mayBeMore ? count : firing });
  return (
    <nav className={style.nav} aria-label={t("nav.main")}>
      <div className={style.mark}>
        <Mark />
        Hashwatt
      </div>
      <ul className={style.list}>
        {PAGES.map(({ path, word }) => (
          <li key={path}>
            <Link href={path} className={style.link} aria-current={isAt(location, path) ? "page" : undefined}>
              {t(word)}
              {path === "/alerts" && (firing > 0 || mayBeMore) ? (
                <b className={style.count} title={countText} data-field="alertsFiring">
                  {count}
                </b>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
      {scope ? (
        <div className={style.foot}>
          {t("foot.sites", { n: scope.totals.sites.length })} ·{" "}
          {t("foot.agents", { n: scope.totals.agents.length })}
          <br />
          {t("foot.rigs", { n: format.number(scope.totals.fleet.rigs, 0) })} · {scope.totals.store.kind}
          {version ? (
            <>
              <br />v{version.replace(/^v/, "")}
            </>
          ) : null}
        </div>
      ) : null}
    </nav>
  );
}
