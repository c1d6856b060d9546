import { useServerNow } from "../feed/useFeed.js";
import { useWords } from "../words/words.js";

/** How old a figure is, counted on by the shared tick. `atMs` is server time; unknown is "—". */
export function Age({
  atMs,
  className,
  field,
}: {
  atMs: number | null | undefined;
  className?: string | undefined;
  field?: string;
}) {
  const nowMs = useServerNow();
  const { span } = useWords();
  return (
    <span className={className} data-field={field}>
      {atMs === null || atMs === undefined ? "—" : span(nowMs - atMs)}
    </span>
  );
}
