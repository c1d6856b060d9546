import type { SiteTotals } from "@hashwatt/protocol/http";
import { useEffect, useState } from "react";
import { useFeed } from "../feed/useFeed.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { every, screenClock } from "../time.js";
import { useWords } from "../words/words.js";
import style from "./PowerPanel.module.css";
import { type ModelPower, powerByModel } from "./powerByModel.js";

const REFRESH_MS = 2_000;
const MOST = 7;

/** How many external meters speak, and what is wrong with one that does not; nothing where there are none. */
function MetersNote({ sites }: { sites: readonly SiteTotals[] }) {
  const { t, format } = useWords();
  const meters = sites.flatMap((site) => site.meters ?? []);
  const all = meters.reduce((sum, each) => sum + each.meters, 0);
  const silent = meters.reduce((sum, each) => sum + each.silent, 0);
  const problem = meters.find((each) => each.problem !== undefined)?.problem;
  if (all === 0) return null;
  if (silent === 0) return <p className={style.meters}>{t("meters.all", { n: format.number(all, 0) })}</p>;
  const counts = { silent: format.number(silent, 0), n: format.number(all, 0) };
  return (
    <div className={style.meters} data-testid="meters">
      <b>! {t("meters.silent", counts)}</b>
      {problem === undefined ? null : <div>{problem}</div>}
    </div>
  );
}

/** Which models draw the power, and whether that is measured or modelled; and whether the meters speak. */
export function PowerPanel({ rigs, sites }: { rigs: readonly number[]; sites: readonly SiteTotals[] }) {
  const { t, format } = useWords();
  const feed = useFeed();
  const [models, setModels] = useState<ModelPower[]>([]);
  useEffect(() => {
    const add = () => setModels(powerByModel(feed.fleet.table, rigs, feed.serverNowMs()));
    add();
    return every(screenClock, REFRESH_MS, add);
  }, [feed, rigs]);
  const most = models[0]?.powerW ?? 0;
  return (
    <Panel title={t("power.title")} note={t("power.note")}>
      {models.length === 0 ? <Waiting text={t("waiting.reading")} /> : null}
      <ul className={style.list}>
        {models.slice(0, MOST).map((entry) => {
          const power = format.power(entry.knownRigs > 0 ? entry.powerW : null);
          const share = entry.sourceShare < 0.995 ? `${format.number(entry.sourceShare * 100, 0)} % ` : "";
          const modelled = entry.source === "model" || entry.source === "nameplate";
          return (
            <li key={entry.model ?? ""}>
              <div className={style.line}>
                <span>
                  {entry.model ?? t("unknown.model")} · {t("power.rigs", { n: format.number(entry.rigs, 0) })}
                </span>
                <span>
                  {power.text} {power.unit}
                  {entry.source ? ` · ${share}${t(`source.short.${entry.source}`)}` : ""}
                </span>
              </div>
              <div className={style.track}>
                <div
                  className={modelled ? `${style.bar} ${style.modelled}` : style.bar}
                  style={{ width: most > 0 ? `${(entry.powerW / most) * 100}%` : 0 }}
                />
              </div>
            </li>
          );
        })}
      </ul>
      {models.length > MOST ? <p>{t("power.more", { n: models.length - MOST })}</p> : null}
      <MetersNote sites={sites} />
    </Panel>
  );
}
