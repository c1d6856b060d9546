import type { RegionNotice } from "@hashwatt/protocol/settings";
import { useFetched } from "../feed/useFeed.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { fetchSites } from "./ledgerApi.js";
import style from "./Money.module.css";
import { useMoneyWords } from "./moneyWords.js";

const REFRESH_MS = 3_600_000;

/** What the law of the shown sites' regions says; nothing where nothing is known of it. It stands before any figure. */
export function RegionNotices({ sites, brief }: { sites: readonly string[]; brief?: boolean }) {
  const { data, error, retry } = useFetched("sites", fetchSites, REFRESH_MS);
  const notices = new Map<string, RegionNotice>();
  for (const site of data ?? [])
    if (sites.includes(site.site))
      for (const notice of site.notices) notices.set(`${notice.region} ${notice.fact}`, notice);
  // What the law says does not grow old within hours; that it is not known must be seen.
  if (!data) return <FetchProblem error={error} retry={retry} />;
  if (notices.size === 0) return null;
  const all = [...notices.values()];
  return brief ? <BriefNotice notices={all} /> : <Notices notices={all} />;
}

/** The same in one line, which opens the whole: beside figures that are not about money alone. */
function BriefNotice({ notices }: { notices: readonly RegionNotice[] }) {
  const { t } = useMoneyWords();
  const [first] = notices;
  if (!first) return null;
  return (
    <details className={style.brief} data-testid="regionNotice">
      <summary>
        <b>▲ {t("money.prohibited", { region: first.region })}</b>{" "}
        <span className={style.dim}>
          {t("money.noticeBrief", { source: first.source, date: first.date })}
        </span>
      </summary>
      <Notices notices={notices} />
    </details>
  );
}

export function Notices({ notices }: { notices: readonly RegionNotice[] }) {
  const { t } = useMoneyWords();
  return (
    <div className={style.notices} role="note" data-testid="regionNotices">
      {notices.map((notice) => (
        <div key={`${notice.region} ${notice.fact}`}>
          <b>
            ▲{" "}
            {t(notice.status === "prohibited" ? "money.prohibited" : "money.prohibitedSurcharge", {
              region: notice.region,
            })}
          </b>
          <p>{notice.fact}</p>
          <p className={style.dim}>
            {t("money.noticeDated", {
              source: notice.source,
              date: notice.date,
              retrieved: notice.retrieved,
            })}
          </p>
        </div>
      ))}
    </div>
  );
}
