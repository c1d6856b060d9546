import { type FormEvent, useState } from "react";
import { useFeed, useFetched } from "../feed/useFeed.js";
import { Panel } from "../parts/Panel.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { useScope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import style from "./Replay.module.css";
import { fetchReplays, startReplay } from "./replayApi.js";
import { SPEEDS } from "./speeds.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const REFRESH_MS = 10_000;
const FIRST_SPEED = 60;

/** "2026-11-26T14:05" of the browser's own zone, as its field for times wants it. */
function localText(ms: number): string {
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Where a replay of stored history is begun. */
export function ReplayPage() {
  const { t, format } = useWords();
  usePageTitle(t("replay.title"));
  const feed = useFeed();
  const zone = useScope()?.zone ?? "UTC";
  const running = useFetched("replays", fetchReplays, REFRESH_MS);
  const [nowMs] = useState(() => feed.serverNowMs());
  const doing = useDoing();
  /** The end does not come after the beginning. */
  const [isTurned, setIsTurned] = useState(false);
  const start = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const of = new FormData(event.currentTarget);
    const [from, to] = ["from", "to"].map((name) => new Date(String(of.get(name))).getTime()) as [
      number,
      number,
    ];
    setIsTurned(!(from < to));
    if (!(from < to)) return;
    const wish = { from, to, speed: Number(of.get("speed")) };
    void doing.run(async () => {
      const { id } = await startReplay(wish, new AbortController().signal);
      location.assign(`/replay/${id}/`);
    });
  };
  return (
    <div className={style.page}>
      <h1 className="srOnly">{t("replay.title")}</h1>
      <Panel title={t("replay.title")} note={t("replay.yours")}>
        <p className={style.intro}>{t("replay.intro")}</p>
        <form className={style.form} onSubmit={start} data-testid="replayForm">
          {(["from", "to"] as const).map((name) => (
            <label key={name}>
              {t(`replay.${name}`)}
              <input
                type="datetime-local"
                className={style.button}
                name={name}
                required
                // The field knows whole minutes, and the one that runs is to be part of it.
                defaultValue={localText(name === "from" ? nowMs - HOUR_MS : nowMs + MINUTE_MS)}
              />
            </label>
          ))}
          <label>
            {t("replay.speed")}
            <select className={style.button} name="speed" defaultValue={FIRST_SPEED}>
              {SPEEDS.map((speed) => (
                <option key={speed} value={speed}>
                  {t("replay.times", { n: speed })}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" className={style.button} aria-disabled={doing.busy}>
            {t("replay.start")}
          </button>
        </form>
        {isTurned ? <p role="alert">{t("replay.times.wrong")}</p> : null}
        {doing.error ? <Problem error={doing.error} /> : null}
      </Panel>
      {running.data?.length ? (
        <Panel title={t("replay.running")}>
          <ul className={style.list}>
            {running.data.map(({ id, who, fromMs, toMs }) => (
              <li key={id}>
                {t("replay.by", {
                  who: who || "—",
                  from: format.moment(fromMs, zone),
                  to: format.moment(toMs, zone),
                })}{" "}
                <a href={`/replay/${id}/`}>{t("replay.open")}</a>
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
    </div>
  );
}
