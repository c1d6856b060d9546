import { lazy, type ReactNode, Suspense } from "react";
import { useFeed, useRead, useServerNow } from "../feed/useFeed.js";
import { replayId } from "../replay/replayId.js";
import { useSaid } from "../words/useSaid.js";
import { useWords } from "../words/words.js";
import { AlertAnnouncer } from "./AlertAnnouncer.js";
import { Header } from "./Header.js";
import { Nav } from "./Nav.js";
import { noticesOf } from "./notices.js";
import style from "./Shell.module.css";
import { useShortestInterval } from "./useShortestInterval.js";

function Notices() {
  const feed = useFeed();
  const words = useWords();
  const said = useSaid();
  const notices = noticesOf(
    useRead(feed.connection),
    useRead(feed.totals),
    useServerNow(),
    useShortestInterval(),
    words,
    said,
  );
  return (
    <div className={style.notices} role="status" data-testid="notices">
      {notices.map((notice) => (
        <div key={notice.key} className={`${style.notice} ${style[notice.tone]}`} data-notice={notice.key}>
          {notice.text}
        </div>
      ))}
    </div>
  );
}

/** Loaded by who looks at a replay. */
const ReplayBar = lazy(() => import("../replay/ReplayBar.js").then((bar) => ({ default: bar.ReplayBar })));

/** The frame of every page: navigation, header, what must be said about the system, and the page. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const { state } = useRead(useFeed().connection);
  return (
    <div className={state === "lost" ? `${style.app} ${style.lost}` : style.app}>
      <a className={style.skip} href="#main">
        {t("skip")}
      </a>
      <Nav />
      <div className={style.page}>
        {replayId === undefined ? null : (
          <Suspense fallback={<div className={style.replay}>{t("replay.mark")}</div>}>
            <ReplayBar id={replayId} />
          </Suspense>
        )}
        <Header />
        <Notices />
        <AlertAnnouncer />
        <main className={style.main} id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}
