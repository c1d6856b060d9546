import type { ReactNode } from "react";
import type { FetchError } from "../feed/fetchApi.js";
import { useRefusal } from "../words/useSaid.js";
import { useWords } from "../words/words.js";
import style from "./Problem.module.css";
import { SaidText } from "./SaidText.js";
import { useIntoView } from "./useIntoView.js";

interface ProblemProps {
  error: FetchError;
  onRetry?: () => void;
  /** Stands below what went wrong; it is not announced when it changes. */
  children?: ReactNode;
}

/** What went wrong with a request, what to do, and a way to try again. */
export function Problem({ error, onRetry, children }: ProblemProps) {
  const { t } = useWords();
  const said = useRefusal();
  // What is below it is looked at meanwhile: it is not scrolled away from again with every try.
  const ref = useIntoView<HTMLDivElement>(children ? undefined : error);
  return (
    <div className={style.problem} ref={ref} data-failed="">
      <div className={style.text}>
        <div role="alert">
          {t(`error.${error.code}`)}
          <div className={style.said}>
            <SaidText text={said(error.message)} />
          </div>
        </div>
        {children}
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
