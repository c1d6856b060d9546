import type { RatesView } from "@hashwatt/protocol/rates";
import type { Setting } from "@hashwatt/protocol/settings";
import { useState } from "react";
import { getJson } from "../feed/fetchApi.js";
import { useFetched, useServerNow } from "../feed/useFeed.js";
import table from "../money/MoneyTable.module.css";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { LongText } from "../parts/LongText.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import { shortName } from "../parts/shortName.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import type { Scope } from "../shell/useScope.js";
import { useRefusal } from "../words/useSaid.js";
import { DocumentDialog } from "./DocumentDialog.js";
import style from "./Settings.module.css";
import { fetchDocuments, removeDocument } from "./settingsApi.js";
import { useSettingsWords } from "./settingsWords.js";
import { useSettingsSites } from "./useSettingsSites.js";

const REFRESH_MS = 30_000;

interface ActionsProps {
  setting: Setting | undefined;
  why: string | undefined;
  onEdit(setting: Setting): void;
  onRemove(setting: Setting): void;
}

/** What may be done with a source of the settings; one of the config is changed there. */
function Actions({ setting, why, onEdit, onRemove }: ActionsProps) {
  const { t } = useSettingsWords();
  if (!setting) return null;
  return (
    <div className={style.actions}>
      <button
        type="button"
        className={controls.button}
        disabled={why !== undefined}
        title={why}
        onClick={() => onEdit(setting)}
      >
        {t("set.edit")}
      </button>
      <SureButton
        text={t("set.remove")}
        sure={t("set.removeSource")}
        off={why}
        onSure={() => onRemove(setting)}
      />
    </div>
  );
}

/** Who is asked for rates and how that goes; and every series with its newest figure and that one's age. */
export function SourcesPanel({ scope }: { scope: Scope }) {
  const { zone } = scope;
  const sites = useSettingsSites(scope);
  const { t, format, span } = useSettingsWords();
  const refused = useRefusal();
  const { may, why } = useMay("admin");
  const doing = useDoing();
  const documents = useFetched("settings sources", (signal) => fetchDocuments("sources", signal), REFRESH_MS);
  const [open, setOpen] = useState<{ setting?: Setting }>();
  const settings = documents.data ?? [];
  const again = () => {
    documents.retry();
    retry();
  };
  const nowMs = useServerNow();
  const { data, atMs, error, retry } = useFetched(
    "rates",
    (signal) => getJson<RatesView>("/api/rates", signal),
    REFRESH_MS,
  );
  return (
    <>
      <Panel title={t("set.sources")} note={t("set.sourcesNote")}>
        <FetchProblem error={error} atMs={atMs} retry={retry} />
        {!data && !error ? <Waiting text={t("set.loading")} height={120} /> : null}
        <div className={style.tools}>
          <button
            type="button"
            className={controls.go}
            disabled={!may}
            title={why}
            onClick={() => setOpen({})}
          >
            {t("set.add")}
          </button>
          {why ? <span className={style.dim}>{why}</span> : null}
        </div>
        {data?.sources.length === 0 ? <p>{t("set.sourcesNone")}</p> : null}
        {settings
          .filter(({ problems }) => problems?.length)
          .map(({ id, problems }) => (
            <p key={id} className={style.bad}>
              ! {id}: {t("set.problem", { problem: refused(problems![0]!) })}
            </p>
          ))}
        {data && data.sources.length > 0 ? (
          <ul className={style.list} data-testid="sources">
            {data.sources.map((source) => (
              <li key={source.id} data-source={source.id}>
                <b>{source.id}</b> {source.kind}
                {source.series.length ? ` · ${source.series.join(", ")}` : ""} ·{" "}
                {t(source.from === "config" ? "set.ofConfig" : "set.ofSettings")}
                <div className={source.problem ? style.bad : style.dim}>
                  {source.problem
                    ? `! ${t("set.sourceProblem", { age: span(nowMs - source.problem.sinceMs), text: source.problem.text })}`
                    : t("set.works")}
                </div>
                <div className={style.dim}>
                  {t("set.asked", { every: span(source.everyMs) })} ·{" "}
                  {source.succeededMs === null
                    ? t("set.succeededNever")
                    : t("set.succeeded", { age: span(nowMs - source.succeededMs) })}
                  {source.attribution ? ` · ${source.attribution}` : ""}
                </div>
                {source.strangeSites.length ? (
                  <div className={style.bad}>
                    ! {t("set.strangeSites", { sites: source.strangeSites.join(", ") })}
                  </div>
                ) : null}
                {source.values.map(({ series, value, unit, asOfMs }) => (
                  <div key={series}>
                    {series}: {format.plain(value)} {unit} ·{" "}
                    {asOfMs === null
                      ? t("set.undated")
                      : t("set.valueAge", { age: span(Math.max(0, nowMs - asOfMs)) })}
                  </div>
                ))}
                {!source.problem && source.lastError ? (
                  <div className={style.dim}>
                    {t("set.lastError", {
                      age: span(nowMs - source.lastError.atMs),
                      text: source.lastError.text,
                    })}
                  </div>
                ) : null}
                <Actions
                  setting={settings.find(({ id }) => id === source.id)}
                  why={why}
                  onEdit={(setting) => setOpen({ setting })}
                  onRemove={(setting) =>
                    void doing.queue(() => removeDocument("sources", setting)).then((done) => done && again())
                  }
                />
              </li>
            ))}
          </ul>
        ) : null}
        {doing.error ? <Problem error={doing.error} /> : null}
        <p className={style.dim}>{t("set.sourcesHow")}</p>
        {open ? (
          <DocumentDialog
            key={open.setting?.id ?? "new"}
            collection="sources"
            setting={open.setting}
            sites={sites}
            site=""
            today=""
            onClose={() => setOpen(undefined)}
            onSaved={() => {
              setOpen(undefined);
              again();
            }}
          />
        ) : null}
      </Panel>
      {data ? (
        <Panel title={t("set.series.title")} note={t("set.series.note")}>
          {data.series.length === 0 ? <Waiting text={t("set.series.none")} /> : null}
          {data.series.length > 0 ? (
            <table className={table.table} data-testid="series">
              <tbody>
                {data.series.map((series) => (
                  <tr key={series.series}>
                    <th scope="row">
                      {series.series}
                      <small>
                        <LongText
                          short={shortName(series.source)}
                          text={series.note ? `${series.source}; ${series.note}` : series.source}
                        />
                      </small>
                    </th>
                    <td className={table.number}>
                      {format.plain(series.value)} {series.unit}
                    </td>
                    <td data-label={t("set.newest")}>
                      {series.asOfMs === null ? "—" : format.moment(series.asOfMs, zone)}
                      <small>
                        {t("set.series.count", { n: format.number(series.slots, 0) })} ·{" "}
                        {format.date(series.fromMs, zone)}
                        {series.toMs === null ? " →" : ` – ${format.date(series.toMs, zone)}`}
                      </small>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : null}
        </Panel>
      ) : null}
    </>
  );
}
