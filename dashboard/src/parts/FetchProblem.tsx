import { type Fetched, useServerNow } from "../feed/useFeed.js";
import { useWords } from "../words/words.js";
import { Problem } from "./Problem.js";
import style from "./Problem.module.css";

function ShownAge({ atMs }: { atMs: number }) {
  const { t, span } = useWords();
  const nowMs = useServerNow();
  return (
    <div className={style.said} data-testid="shownAge">
      {t("error.shownAge", { age: span(Math.max(0, nowMs - atMs)) })}
    </div>
  );
}

interface FetchProblemProps {
  error?: Fetched<unknown>["error"] | undefined;
  /** When what is shown all the same came; absent where nothing is. */
  atMs?: number | undefined;
  retry(): void;
}

/** Why something was not fetched, or not fetched again: then how old is what stands there from before. */
export function FetchProblem({ error, atMs, retry }: FetchProblemProps) {
  if (!error) return null;
  return (
    <Problem error={error} onRetry={retry}>
      {atMs === undefined ? null : <ShownAge atMs={atMs} />}
    </Problem>
  );
}
