import type { PlannedStopView } from "@hashwatt/protocol/plannedStops";
import { useState } from "react";
import { useFeed, useFetched, useRead, useServerNow } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import { useScope } from "../shell/useScope.js";
import { useSaid } from "../words/useSaid.js";
import style from "./Desk.module.css";
import { endSilence, fetchSilences, fetchStops, removeStop } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { matchText } from "./matchText.js";
import { ruleName } from "./ruleName.js";
import { SilenceDialog } from "./SilenceDialog.js";
import { StopDialog } from "./StopDialog.js";
import { windowsOf } from "./stopWindows.js";

const REFRESH_MS = 15_000;
const DAYS = 14;
const DAY_MS = 86_400_000;

function SilencesPanel({ zone }: { zone: string }) {
  const { t, format, words } = useDeskWords();
  const nowMs = useServerNow();
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const [adding, setAdding] = useState(false);
  const alerts = useRead(useFeed().alerts);
  // One that is silenced by its button goes by its id, which stays where its name changes.
  const subjectName = (id: string) => alerts?.find(({ subject }) => subject.id === id)?.subject.name ?? id;
  const said = useSaid();
  const { data, atMs, error, retry } = useFetched("silences", fetchSilences, REFRESH_MS);
  const end = (id: string) =>
    void doing
      .queue(() => endSilence(id))
      .then((done) => {
        if (done) retry();
      });
  return (
    <Panel title={t("desk.silences")} note={t("desk.silencesNote")}>
      <div className={style.tools}>
        <button
          type="button"
          className={controls.go}
          disabled={!may}
          title={why}
          onClick={() => setAdding(true)}
        >
          {t("desk.addSilence")}
        </button>
        {why ? <span className={style.dim}>{why}</span> : null}
      </div>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("desk.loading")} height={80} /> : null}
      {data?.length === 0 ? <Waiting text={t("desk.silencesNone")} /> : null}
      {data && data.length > 0 ? (
        <ul className={style.list} data-testid="silences">
          {data.map(({ id, match, fromMs, untilMs, note, by }) => (
            <li key={id} data-silence={id}>
              <b>{matchText(t, (rule) => ruleName(words.t, rule), match, subjectName)}</b>
              {note ? <span>{note}</span> : null}
              <span className={style.dim}>
                {fromMs > nowMs ? `${t("desk.comes", { at: format.moment(fromMs, zone) })} · ` : ""}
                {untilMs > nowMs ? t("desk.until", { at: format.moment(untilMs, zone) }) : t("desk.ended")} ·{" "}
                {t("desk.by", { who: said(by) })}
              </span>
              {untilMs > nowMs ? (
                <div className={style.actions}>
                  <SureButton
                    text={t("desk.endSilence")}
                    sure={t("desk.endSure")}
                    off={may ? undefined : (why ?? "")}
                    onSure={() => end(id)}
                  />
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      {doing.error ? <Problem error={doing.error} /> : null}
      {adding ? (
        <SilenceDialog
          zone={zone}
          onClose={() => setAdding(false)}
          onSaved={() => {
            setAdding(false);
            retry();
          }}
        />
      ) : null}
    </Panel>
  );
}

function StopsPanel() {
  const { t, format } = useDeskWords();
  const scope = useScope();
  const nowMs = useServerNow();
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const { data, atMs, error, retry } = useFetched("stops", fetchStops, REFRESH_MS);
  const [editing, setEditing] = useState<PlannedStopView | "new">();
  const remove = (site: string, id: string) =>
    void doing
      .queue(() => removeStop(site, id))
      .then((done) => {
        if (done) retry();
      });
  const siteOf = (site: string) => scope?.totals.sites.find((each) => each.site === site);
  const zoneOf = (site: string) => siteOf(site)?.zone ?? scope?.zone ?? "UTC";
  const shown = (data ?? []).filter(({ site }) => !scope?.key || site === scope.key);
  return (
    <Panel title={t("desk.stops")} note={t("desk.stopsNote")}>
      <div className={style.tools}>
        <button
          type="button"
          className={controls.go}
          disabled={!may || !scope}
          title={why}
          onClick={() => setEditing("new")}
        >
          {t("desk.addStop")}
        </button>
        {why ? <span className={style.dim}>{why}</span> : null}
      </div>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("desk.loading")} height={80} /> : null}
      {data && shown.length === 0 ? <Waiting text={t("desk.stopsNone")} /> : null}
      {shown.length > 0 ? (
        <ul className={style.list} data-testid="stops">
          {shown.map((stop) => {
            const zone = zoneOf(stop.site);
            const windows = windowsOf(stop, zone, nowMs, nowMs + DAYS * DAY_MS);
            return (
              <li key={`${stop.site} ${stop.id}`} data-stop={stop.id}>
                <span>
                  <b>{stop.name}</b> · {siteOf(stop.site)?.name ?? stop.site} ·{" "}
                  {stop.rigs?.join(", ") ?? t("desk.stop.count", { n: format.number(stop.count, 0) })}
                </span>
                <span className={style.dim}>
                  {stop.phase ? `${t(`desk.stop.${stop.phase}`)} · ` : ""}
                  {stop.window
                    ? t("desk.stop.next", {
                        from: format.moment(stop.window.fromMs, zone),
                        to: format.moment(stop.window.toMs, zone),
                      })
                    : t("desk.stop.over")}
                </span>
                <div
                  className={style.strip}
                  role="img"
                  aria-label={`${t("desk.stop.calendar")}: ${windows
                    .map(
                      ({ fromMs, toMs }) => `${format.moment(fromMs, zone)} – ${format.moment(toMs, zone)}`,
                    )
                    .join("; ")}`}
                >
                  {windows.map(({ fromMs, toMs }) => (
                    <i
                      key={fromMs}
                      title={`${format.moment(fromMs, zone)} – ${format.moment(toMs, zone)}`}
                      style={{
                        left: `${(100 * (fromMs - nowMs)) / (DAYS * DAY_MS)}%`,
                        width: `${(100 * (toMs - fromMs)) / (DAYS * DAY_MS)}%`,
                      }}
                    />
                  ))}
                </div>
                <div className={style.actions}>
                  <button
                    type="button"
                    className={controls.button}
                    disabled={!may || !scope}
                    title={why}
                    onClick={() => setEditing(stop)}
                  >
                    {t("desk.edit")}
                  </button>
                  <SureButton
                    text={t("desk.remove")}
                    sure={t("desk.removeSure")}
                    off={may ? undefined : (why ?? "")}
                    onSure={() => remove(stop.site, stop.id)}
                  />
                </div>
              </li>
            );
          })}
        </ul>
      ) : null}
      {shown.length > 0 ? <p className={style.dim}>{t("desk.stop.calendar")}</p> : null}
      {doing.error ? <Problem error={doing.error} /> : null}
      {editing && scope ? (
        <StopDialog
          scope={scope}
          stop={editing === "new" ? undefined : editing}
          taken={(data ?? []).map(({ id }) => id)}
          onClose={() => setEditing(undefined)}
          onSaved={() => {
            setEditing(undefined);
            retry();
          }}
        />
      ) : null}
    </Panel>
  );
}

/** When nobody is told: silences, and planned stops with their calendar. */
export function QuietPanels() {
  const scope = useScope();
  return (
    <>
      <SilencesPanel zone={scope?.zone ?? "UTC"} />
      <StopsPanel />
    </>
  );
}
