import type { LedgerSource } from "@hashwatt/protocol/ledger";
import { LongText } from "../parts/LongText.js";
import { Panel } from "../parts/Panel.js";
import { Waiting } from "../parts/Problem.js";
import { shortName } from "../parts/shortName.js";
import style from "./Money.module.css";
import { type MoneyWords, useMoneyWords } from "./moneyWords.js";

/** The dates of a source's figures in words. */
export function datesOf(
  { t, format }: Pick<MoneyWords, "t" | "format">,
  source: LedgerSource,
  zone: string,
): string {
  const { oldestAsOfMs, newestAsOfMs } = source;
  if (oldestAsOfMs === null || newestAsOfMs === null) return t("money.undated");
  const [first, last] = [format.date(oldestAsOfMs, zone), format.date(newestAsOfMs, zone)];
  return first === last ? t("money.figureOf", { date: last }) : t("money.figuresOf", { first, last });
}

/** A source's values: one, or from the least to the most. */
export function valuesOf({ t, format }: Pick<MoneyWords, "t" | "format">, source: LedgerSource): string {
  const { min, max, unit } = source;
  // A share is read as percent.
  const [times, shown] = unit === "factor" ? [100, "%"] : [1, unit];
  const [least, most] = [format.plain(min * times), format.plain(max * times)];
  return `${min === max ? least : t("money.from", { min: least, max: most })} ${shown}`;
}

interface SourcePanelProps {
  title: string;
  note: string;
  empty: string;
  sources: readonly (LedgerSource & { note?: string | undefined })[];
  zone: string;
}

/** What prices or weighs a period, each with values, source and date. */
export function SourcePanel({ title, note, empty, sources, zone }: SourcePanelProps) {
  const words = useMoneyWords();
  return (
    <Panel title={title} note={note}>
      {sources.length === 0 ? (
        <Waiting text={empty} />
      ) : (
        <SourceList sources={sources} zone={zone} words={words} />
      )}
    </Panel>
  );
}

interface SourceListProps extends Pick<SourcePanelProps, "sources" | "zone"> {
  words: MoneyWords;
}

export function SourceList({ sources, zone, words }: SourceListProps) {
  return (
    <ul className={style.sources}>
      {sources.map((source) => (
        <li key={`${source.kind} ${source.algo} ${source.source} ${source.fromMs}`} data-source={source.kind}>
          <b>
            {words.t(`money.factor.${source.kind}`)}
            {source.algo === undefined ? "" : ` (${source.algo})`}
          </b>{" "}
          {valuesOf(words, source)}
          <div className={style.dim}>
            <LongText
              short={shortName(source.source)}
              text={source.note ? `${source.source}; ${source.note}` : source.source}
            />
          </div>
          <div className={style.dim}>{datesOf(words, source, zone)}</div>
        </li>
      ))}
    </ul>
  );
}
