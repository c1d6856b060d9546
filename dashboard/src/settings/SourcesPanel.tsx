import type { RatesView } from "@hashwatt/protocol/rates";
import { getJson } from "../feed/fetchApi.js";
import { useFetched, useServerNow } from "../feed/useFeed.js";
import table from "../money/MoneyTable.module.css";
import { LongText } from "../parts/LongText.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { shortName } from "../parts/shortName.js";
import style from "./Settings.module.css";
import { useSettingsWords } from "./settingsWords.js";

const REFRESH_MS = 30_000;

/** Who is asked for rates and how that goes; and every series with its newest figure and that one's age. */
export function SourcesPanel({ zone }: { zone: string }) {
  const { t, format, span } = useSettingsWords();
  const nowMs = useServerNow();
  const { data, error, retry } = useFetched(
    "rates",
    (signal) => getJson<RatesView>("/api/rates", signal),
    REFRESH_MS,
  );
  return (
    <>
      <Panel title={t("set.sources")} note={t("set.sourcesNote")}>
        {error && !data ? <Problem error={error} onRetry={retry} /> : null}
        {!data && !error ? <Waiting text={t("set.loading")} height={120} /> : null}
        {data?.sources.length === 0 ? <p>{t("set.sourcesNone")}</p> : null}
        {data && data.sources.length > 0 ? (
          <ul className={style.list} data-testid="sources">
            {data.sources.map((source) => (
              <li key={source.id} data-source={source.id}>
                <b>{source.id}</b> {source.kind} · {source.series.join(", ")}
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
              </li>
            ))}
          </ul>
        ) : null}
        <p className={style.dim}>{t("set.sourcesHow")}</p>
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
