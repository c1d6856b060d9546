import type { ReplayView } from "@hashwatt/protocol/replays";
import { useCallback, useEffect, useRef, useState } from "react";
import { asFetchError, FetchError } from "../feed/fetchApi.js";
import { useScope } from "../shell/useScope.js";
import { every, screenClock } from "../time.js";
import { useRefusal } from "../words/useSaid.js";
import { useWords } from "../words/words.js";
import style from "./Replay.module.css";
import { changeReplay, fetchReplay } from "./replayApi.js";
import { SPEEDS } from "./speeds.js";

const ASK_MS = 1_000;
const STEP_MS = 1_000;
/** Where a keyboard or a finger stops on its way is not where it wants to be. */
const SETTLE_MS = 400;

/** Where the replay is, as the server says; `over` once it has ended. */
function useReplay(id: string) {
  const [view, setView] = useState<ReplayView>();
  const [over, setOver] = useState(false);
  const jumps = useRef<number>(undefined);
  const take = useCallback((next: ReplayView) => {
    // What this page has gathered is of another time: charts, tails, ages.
    if (jumps.current !== undefined && next.jumps !== jumps.current) return location.reload();
    jumps.current = next.jumps;
    setView(next);
  }, []);
  useEffect(() => {
    const abort = new AbortController();
    const ask = () =>
      void fetchReplay(id, abort.signal).then(take, (error: unknown) => {
        if (error instanceof FetchError && error.code === "missing") setOver(true);
      });
    ask();
    const stop = every(screenClock, ASK_MS, ask);
    return () => {
      stop();
      abort.abort();
    };
  }, [id, take]);
  return { view, over, take };
}

/** Says that nothing here is live, and steers what is shown in its place. */
export function ReplayBar({ id }: { id: string }) {
  const { t, format } = useWords();
  const said = useRefusal();
  const zone = useScope()?.zone ?? "UTC";
  const { view, over, take } = useReplay(id);
  /** Where the slider is while somebody moves it. */
  const [sought, setSought] = useState<number>();
  const [error, setError] = useState<FetchError>();
  const change = useCallback(
    async (wish: Parameters<typeof changeReplay>[1]) => {
      setError(undefined);
      try {
        take(await changeReplay(id, wish, new AbortController().signal));
      } catch (cause) {
        // The replay is where it was, and so is the slider unless it was moved on meanwhile.
        setSought((now) => (now === wish.at ? undefined : now));
        setError(asFetchError(cause));
      }
    },
    [id, take],
  );
  useEffect(() => {
    if (sought === undefined) return;
    return screenClock.after(SETTLE_MS, () => void change({ at: sought }));
  }, [sought, change]);
  const leave = () => location.assign("/");
  const atMs = sought ?? view?.atMs;
  return (
    <aside className={style.bar} data-testid="replay" aria-label={t("replay.mark")}>
      <strong className={style.mark}>{t("replay.mark")}</strong>
      {over ? (
        <span>{t("replay.over")}</span>
      ) : view && atMs !== undefined ? (
        <>
          <button
            type="button"
            className={style.button}
            onClick={() => void change({ playing: !view.playing })}
            data-testid="replayPlay"
          >
            {t(view.playing ? "replay.pause" : "replay.play")}
          </button>
          <input
            type="range"
            className={style.seek}
            // Whole seconds around it, so that both ends can be reached; the server keeps to its own.
            min={Math.floor(view.fromMs / STEP_MS) * STEP_MS}
            max={Math.ceil(view.toMs / STEP_MS) * STEP_MS}
            step={STEP_MS}
            value={atMs}
            onChange={(event) => setSought(Number(event.target.value))}
            aria-label={t("replay.seek")}
            aria-valuetext={format.moment(atMs, zone)}
            data-testid="replaySeek"
          />
          <time className={style.at} dateTime={new Date(atMs).toISOString()} data-testid="replayAt">
            {format.date(atMs, zone)} {format.seconds(atMs, zone)}
            {view.ready ? null : ` ${t("replay.loading")}`}
          </time>
          <select
            className={style.button}
            value={view.speed}
            onChange={(event) => void change({ speed: Number(event.target.value) })}
            aria-label={t("replay.speed")}
          >
            {[...new Set([...SPEEDS, view.speed])]
              .sort((a, b) => a - b)
              .map((speed) => (
                <option key={speed} value={speed}>
                  {t("replay.times", { n: speed })}
                </option>
              ))}
          </select>
        </>
      ) : (
        <span>{t("replay.loading")}</span>
      )}
      <button type="button" className={style.button} onClick={leave} data-testid="replayLeave">
        {t("replay.leave")}
      </button>
      {error && !over ? (
        <span className={style.problem} role="alert">
          ! {t(`error.${error.code}`)} {said(error.message)}
        </span>
      ) : null}
      <span className={style.what}>{t("replay.what")}</span>
    </aside>
  );
}
