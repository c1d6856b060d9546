import type { AlertView } from "@hashwatt/protocol/http";
import { MAX_OPEN_ALERTS } from "@hashwatt/protocol/live";
import { useState } from "react";
import { openCount } from "../feed/alertsCut.js";
import { fetchAlerts } from "../feed/fetchApi.js";
import { useFeed, useFetched, useRead } from "../feed/useFeed.js";
import { Choice } from "../parts/Choice.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { replayId } from "../replay/replayId.js";
import { useScope } from "../shell/useScope.js";
import { useSaid } from "../words/useSaid.js";
import { AlertList } from "./AlertList.js";
import { AskedDialog, type AskedOf } from "./AskedDialog.js";
import { alertFinder, foundAlerts, olderPage } from "./alertFinder.js";
import { endedAlerts, joinAlerts, openAlerts, sinceMs } from "./alertOrder.js";
import style from "./Desk.module.css";
import { fetchEnded } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { ruleName } from "./ruleName.js";

const WEEK_MS = 7 * 86_400_000;
const REFRESH_MS = 300_000;
const YEAR_MS = 400 * 86_400_000;

const ORDERS = ["urgency", "newest", "oldest"] as const;
type Order = (typeof ORDERS)[number];

/** Every alert that is open, those that stand together as one with their members, and what has ended. */
export function OpenAlerts() {
  const { t, format, words } = useDeskWords();
  const said = useSaid();
  const feed = useFeed();
  const scope = useScope();
  const live = useRead(feed.alerts);
  const cut = useRead(feed.alertsCut);
  const [order, setOrder] = useState<Order>("urgency");
  const [text, setText] = useState("");
  const [asked, setAsked] = useState<AskedOf>();
  const [older, setOlder] = useState<AlertView[]>([]);
  /** Nothing that has ended is older than what is known. */
  const [isAll, setIsAll] = useState(false);
  const doing = useDoing();
  const archive = useFetched(
    "alerts",
    (signal) => fetchAlerts(feed.serverNowMs() - WEEK_MS, signal),
    REFRESH_MS,
  );
  if (!scope || (!live && !archive.data && !archive.error))
    return <Waiting text={t("alerts.loading")} height={300} />;
  const site = scope.key;
  const isFound = alertFinder(text, (alert) => [ruleName(words.t, alert.rule), said(alert.reason)]);
  const known = joinAlerts([...older, ...(archive.data ?? [])], live ?? []);
  const all = foundAlerts(known, isFound);
  const open = openAlerts(all, site).filter(({ partOf }) => partOf === undefined);
  if (order !== "urgency")
    open.sort((a, b) => (order === "newest" ? sinceMs(b) - sinceMs(a) : sinceMs(a) - sinceMs(b)));
  const firing = open.filter((alert) => alert.state === "firing");
  const pending = open.filter((alert) => alert.state === "pending");
  const fromMs = feed.serverNowMs() - (older.length ? YEAR_MS : WEEK_MS);
  const resolved = endedAlerts(all, site, fromMs);
  const zones = new Map(scope.totals.sites.map((each) => [each.site, each.zone]));
  const count = (list: readonly AlertView[]) => format.number(list.length, 0);
  const morePending = cut === "pending" || cut === "alerts";
  const noneFound =
    cut === "none" ? t("desk.noneFound") : t("desk.noneFoundCut", { n: format.number(MAX_OPEN_ALERTS, 0) });
  const noneOpen = text.trim() || cut === "alerts" ? noneFound : t("attention.none");
  const lists = { zones, fallback: scope.zone, onAsk: setAsked };
  const more = () =>
    void doing.run(async () => {
      const now = feed.serverNowMs();
      // Of all that is known: what a filter or a site hides would come again for ever.
      const { beforeMs, limit } = olderPage(known, now);
      const next = await fetchEnded(now - YEAR_MS, beforeMs, limit, new AbortController().signal);
      setOlder((before) => [...before, ...next]);
      setIsAll(next.length < limit);
    });
  return (
    <>
      <Panel
        title={t("alerts.firing")}
        note={t("alerts.order")}
        aside={openCount(format, firing.length, cut === "alerts")}
        flush
      >
        <div className={style.finding}>
          <Choice<Order>
            label={t("desk.order")}
            options={ORDERS.map((value) => ({ value, text: t(`desk.order.${value}`) }))}
            value={order}
            onChoose={setOrder}
          />
          <input
            type="search"
            className={controls.input}
            aria-label={t("desk.find")}
            placeholder={t("desk.find")}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <AlertList alerts={firing} {...lists} empty={noneOpen} />
      </Panel>
      {pending.length > 0 ? (
        <Panel
          title={t("alerts.pending")}
          note={t("alerts.pendingNote")}
          aside={openCount(format, pending.length, morePending)}
          flush
        >
          <AlertList alerts={pending} {...lists} empty="" />
        </Panel>
      ) : null}
      <Panel
        title={t("alerts.resolved")}
        note={older.length ? t("desk.olderNote") : t("alerts.resolvedNote")}
        aside={count(resolved)}
        flush
      >
        {archive.error ? (
          <div className={style.pad}>
            <FetchProblem {...archive} />
          </div>
        ) : null}
        <AlertList
          alerts={resolved}
          {...lists}
          empty={text.trim() ? t("desk.noneFound") : t("alerts.noneResolved")}
        />
        {replayId === undefined ? (
          <div className={style.pad}>
            {isAll ? null : (
              <button type="button" className={controls.button} onClick={more} aria-disabled={doing.busy}>
                {t("desk.older")}
              </button>
            )}
            <span role="status" className={style.dim}>
              {isAll ? t("desk.olderNone") : ""}
            </span>
            {doing.error ? <Problem error={doing.error} /> : null}
          </div>
        ) : null}
      </Panel>
      <AskedDialog asked={asked} onClose={() => setAsked(undefined)} />
    </>
  );
}
