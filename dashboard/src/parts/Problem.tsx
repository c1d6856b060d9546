import type { FetchError } from "../feed/fetchApi.js";
import { useRefusal } from "../words/useSaid.js";
import { useWords } from "../words/words.js";
import style from "./Problem.module.css";
import { SaidText } from "./SaidText.js";
import { useIntoView } from "./useIntoView.js";

/** What went wrong with a request, what to do, and a way to try again. */
export function Problem({ error, onRetry }: { error: FetchError; onRetry?: () => void }) {
  const { t } = useWords();
  const said = useRefusal();
  const ref = useIntoView<HTMLDivElement>(error);
  return (
    <div className={style.problem} role="alert" ref={ref}>
      <div className={style.text}>
        {t(`error.${error.code}`)}
        <div className={style.said}>
          <SaidText text={said(error.message)} />
        </div>
      </div>
      {onRetry ? (
        <button type="button" className={style.again} onClick={onRetry}>
          {t("again")}
        </button>
      ) : null}
    </div>
  );
}

/** Says what is waited for, at the height that the content will have. */
export function Waiting({ text, height }: { text: string; height?: number }) {
  return (
    <p className={style.wait} style={height === undefined ? undefined : { minHeight: height }}>
      {text}
    </p>
  );
}
