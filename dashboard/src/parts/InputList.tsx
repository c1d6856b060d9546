import type { Input } from "@hashwatt/protocol/http";
import { useServerNow } from "../feed/useFeed.js";
import { useWords } from "../words/words.js";
import style from "./InputList.module.css";
import { LongText } from "./LongText.js";
import { shortName } from "./shortName.js";

interface InputListProps {
  inputs: readonly Input[];
  zone: string;
  /** Side by side where there is room. */
  wide?: boolean;
  /** Site slugs to names, where inputs of several sites stand together. */
  siteNames?: Readonly<Record<string, string>>;
}

/** What the figures rest on: each input with its value, source, date and age, or what to do where it is missing. */
export function InputList({ inputs, zone, siteNames, wide }: InputListProps) {
  const { t, format, span } = useWords();
  const nowMs = useServerNow();
  return (
    <ul data-testid="inputs" className={wide ? style.wide : undefined}>
      {inputs.map((input) => (
        <li
          key={`${input.kind} ${input.site ?? ""} ${input.algo ?? ""}`}
          className={style.item}
          data-input={input.kind}
        >
          <div>
            <div className={style.what}>
              {t(`input.${input.kind}`)} {input.algo === undefined ? "" : `(${input.algo}) `}
              {input.value === null ? (
                <span className={style.missing}>{t("input.missing")}</span>
              ) : (
                `${format.plain(input.value)} ${input.unit}`
              )}
              {input.site && siteNames ? ` · ${siteNames[input.site] ?? input.site}` : ""}
            </div>
            <div className={style.source}>
              <LongText short={shortName(input.source)} text={input.source} />
            </div>
            {input.note ? (
              <div className={style.note}>
                <LongText short={shortName(input.note)} text={input.note} />
              </div>
            ) : null}
          </div>
          <div className={style.side}>
            {input.demo ? <span className={style.badge}>{t("input.demo")}</span> : null}
            {input.stale ? (
              <span className={style.badge} data-stale="">
                {t("input.stale")}
              </span>
            ) : null}
            {input.asOfMs === null ? null : (
              <div title={t("input.asOf", { date: format.date(input.asOfMs, zone) })}>
                {format.date(input.asOfMs, zone)}
                <br />
                {t("input.age", { age: span(nowMs - input.asOfMs) })}
              </div>
            )}
          </div>
          {input.howToSet && (input.value === null || input.stale || input.demo) ? (
            <div className={style.how}>
              {t("input.how")} <code>{input.howToSet}</code>
            </div>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
