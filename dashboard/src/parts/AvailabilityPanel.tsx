import type { Availability } from "@hashwatt/protocol/availability";
import { useFeed, useFetched } from "../feed/useFeed.js";
import { useWords } from "../words/words.js";
import style from "./AvailabilityPanel.module.css";
import { FetchProblem } from "./FetchProblem.js";
import { Panel } from "./Panel.js";
import { Waiting } from "./Problem.js";
import { sumAvailability } from "./sumAvailability.js";

const WEEK_MS = 7 * 86_400_000;
/** Rows of five minutes are what it rests on. */
const REFRESH_MS = 300_000;
const PARTS = ["up", "down", "planned", "unknown"] as const;

interface AvailabilityPanelProps {
  /** Whose availability it is, for the request to be made anew. */
  name: string;
  /** Whether it is of several rigs, whose time is added up. */
  several: boolean;
  load(range: { fromMs: number; toMs: number }, signal: AbortSignal): Promise<readonly Availability[]>;
}

/** For how much of the last week rigs were up, down, stopped as planned, and not read by anybody. */
export function AvailabilityPanel({ name, several, load }: AvailabilityPanelProps) {
  const { t, format, span } = useWords();
  const feed = useFeed();
  const { data, atMs, error, retry } = useFetched(
    `availability ${name}`,
    (signal) => {
      const toMs = feed.serverNowMs();
      return load({ fromMs: toMs - WEEK_MS, toMs }, signal);
    },
    REFRESH_MS,
  );
  const sum = data && sumAvailability(data);
  const ratio = format.percent(sum?.ratio);
  return (
    <Panel title={t("availability.title")} note={t("availability.week")}>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {sum ? (
        <div data-testid="availability">
          <p className={style.ratio} data-field="availability">
            {ratio.text}
            {ratio.unit} <small>{t("availability.ratio")}</small>
          </p>
          <div className={style.bar} aria-hidden="true">
            {PARTS.map((part) =>
              sum[`${part}Ms`] > 0 ? (
                <span key={part} className={style[part]} style={{ flexGrow: sum[`${part}Ms`] }} />
              ) : null,
            )}
          </div>
          <div className={style.parts}>
            {PARTS.map((part) => {
              const ms = sum[`${part}Ms`];
              const share = format.percent(sum.rangeMs > 0 ? ms / sum.rangeMs : null);
              return (
                <div key={part} style={{ display: "contents" }} data-part={part}>
                  <span className={`${style.key} ${style[part]}`} aria-hidden="true" />
                  <span>{t(`availability.${part}`)}</span>
                  <span className={style.dim}>{ms > 0 ? span(ms) : ""}</span>
                  <span className={style.share}>
                    {share.text} {share.unit}
                  </span>
                </div>
              );
            })}
          </div>
          <p className={style.note}>{t(several ? "availability.noteSite" : "availability.note")}</p>
        </div>
      ) : error ? null : (
        <Waiting text={t("availability.loading")} height={120} />
      )}
    </Panel>
  );
}
